import * as z from 'zod';

/** It needs nothing. */
export const environment = z.object({});
