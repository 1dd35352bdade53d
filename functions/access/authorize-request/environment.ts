import * as z from 'zod';

export const environment = z.object({
  PLATFORM_TABLE_NAME: z.string().min(1),
  /** JSON of the OIDC settings; empty when only personal access tokens are used. */
  OIDC: z
    .string()
    .default('')
    .transform((text) => (text === '' ? undefined : (JSON.parse(text) as unknown)))
    .pipe(
      z
        .object({
          issuer: z.string().min(1),
          jwksUri: z.url(),
          audience: z.string().min(1),
          tenantClaim: z.string().min(1),
          rolesClaim: z.string().min(1),
        })
        .optional(),
    ),
});
