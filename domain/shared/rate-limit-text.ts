import * as z from 'zod';

/** A limit as JSON text, as a function's environment holds it. */
export const rateLimitText = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(z.object({ requestsPerSecond: z.number().positive(), burst: z.number().positive() }));
