import * as z from 'zod';

/** Names of tenants, endpoints and policies. */
export const slug = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,47}$/, 'must match [a-z][a-z0-9-]{0,47}')
  .meta({ description: 'Lower-case name: a letter, then letters, digits or hyphens, at most 48 characters' });

/** MLflow's model names, without the characters that would break a path. */
export const modelName = z
  .string()
  .min(1)
  .max(250)
  .regex(/^[^/:?#%\s][^/:?#%]*$/, 'must not contain / : ? # % and must not start with a space');

/** UTC time with milliseconds. */
export const timestamp = z.iso.datetime({ precision: 3 });

export const limit = z.coerce.number().int().min(1).max(1000).default(100);
export const cursor = z.string().max(4096).optional();

/** What every list takes. */
export const pageQuery = z.object({ limit, cursor });

/** What every list answers; `nextCursor` is null at the end. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

/** Fields of every resource; `createdBy` is the opaque actor id. */
export const resourceFields = {
  createdAt: timestamp,
  createdBy: z.string(),
  updatedAt: timestamp,
  /** Revision, also sent as the ETag and taken by If-Match. */
  revision: z.number().int(),
};

export const tags = z.record(z.string().min(1).max(250), z.string().max(5000));
