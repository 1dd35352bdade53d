import type { IConstruct } from 'constructs';
import * as z from 'zod';

export const PLATFORMS = ['linux-arm64', 'linux-x64', 'darwin-arm64'] as const;
export type Platform = (typeof PLATFORMS)[number];

/** A host name or IPv4 address, an IPv6 address, or either with the bits of a range. */
const RECEIVER = /^(?:[a-z0-9-]+(?:\.[a-z0-9-]+)*|\d+(?:\.\d+){3}\/\d+|[0-9a-f:]*:[0-9a-f:.]*(?:\/\d+)?)$/i;

/** Settings of an installation: CDK context keys (`-c platform=linux-x64`), objects as JSON. */
export const installationSchema = z.strictObject({
  /** Prefix of the stack names and value of the tag `perennial:installation`; two may live in one account. */
  installation: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,29}$/, 'must match [a-z][a-z0-9-]{0,29}')
    .default('perennial'),
  /** What the native parts (onnxruntime, DuckDB) are built for; darwin-arm64 is for a local cloud on a Mac. */
  platform: z.enum(PLATFORMS).default('linux-arm64'),
  /** Reserves concurrency for background functions; off because new accounts have 10 or 50 in all. */
  reservedConcurrency: z.boolean().default(false),
  /** Identity provider whose access tokens are accepted beside personal access tokens. */
  oidc: z
    .strictObject({
      issuer: z.url(),
      jwksUri: z.url(),
      audience: z.string().min(1),
      tenantClaim: z.string().min(1).default('custom:tenant'),
      rolesClaim: z.string().min(1).default('custom:roles'),
    })
    .optional(),
  /** Object Lock of the audit bucket; compliance cannot be undone by anybody, root included. */
  audit: z
    .strictObject({
      retentionDays: z.number().int().min(1).max(36_500).default(365),
      mode: z.enum(['governance', 'compliance']).default('governance'),
    })
    .prefault({}),
  /** How often drift is evaluated; DriftDetected may come this much later than the captured rows. */
  driftEvaluationMinutes: z.number().int().min(1).max(1440).default(5),
  /** How long Firehose buffers captured rows; 60 is also what an evaluation has to wait for. */
  captureBufferSeconds: z.number().int().min(0).max(900).default(60),
  /** From the end of that buffer to a written window: delivery, notification, queue and one function. */
  capturePathSeconds: z.number().int().min(5).max(300).default(45),
  /** Days that captured rows are kept in S3. */
  captureRetentionDays: z.number().int().min(1).max(3650).default(90),
  /** Days in which deleted experiments, runs and versions can be restored; then they and their files are removed. */
  deletedRetentionDays: z.number().int().min(0).max(3650).default(30),
  /** Days that logs of functions, workflows and the API are kept; a period CloudWatch knows. */
  logRetentionDays: z.literal([1, 3, 5, 7, 14, 30, 60, 90, 180, 365]).default(30),
  /** Each tenant's share of the HTTP API, so that one cannot take all of it; above it callers get 429. */
  tenantThrottling: z
    .strictObject({
      requestsPerSecond: z.number().int().min(1).default(500),
      burst: z.number().int().min(1).default(1000),
    })
    .prefault({}),
  /** Names, addresses and CIDRs that webhooks may call although they are not public; see docs/webhooks.md. */
  webhookReceivers: z
    .array(z.string().regex(RECEIVER, 'must be a host name, an address or a CIDR'))
    .default([]),
  /** Limits of the HTTP API as a whole; above them callers get 429. */
  throttling: z
    .strictObject({
      requestsPerSecond: z.number().int().min(1).default(2000),
      burst: z.number().int().min(1).default(1000),
    })
    .prefault({}),
});

export type Installation = z.output<typeof installationSchema>;

const installations = new WeakMap<IConstruct, Installation>();

/**
 * The settings of the app this construct belongs to, parsed once.
 *
 * @throws Error naming every setting that is wrong and what is allowed.
 */
export function installationOf(scope: IConstruct): Installation {
  const root = scope.node.root;
  const known = installations.get(root);
  if (known) return known;
  const parsed = parseInstallation((key) => root.node.tryGetContext(key));
  installations.set(root, parsed);
  return parsed;
}

/** Each tenant's share of the API, as functions get it. */
export function tenantLimitOf(scope: IConstruct): string {
  return JSON.stringify(installationOf(scope).tenantThrottling);
}

/** Reads each setting with `lookup`; text from the command line is taken as JSON where the setting is no text. */
export function parseInstallation(lookup: (key: string) => unknown): Installation {
  const given: Record<string, unknown> = {};
  for (const key of Object.keys(installationSchema.shape)) {
    const value = lookup(key);
    if (value !== undefined && value !== '') given[key] = fromContext(value);
  }
  const result = installationSchema.safeParse(given);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`The installation's settings are wrong:\n${problems.join('\n')}`);
}

function fromContext(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** Lambda's architecture name of a platform. */
export function architectureOf(platform: Platform): 'arm64' | 'x86_64' {
  return platform === 'linux-x64' ? 'x86_64' : 'arm64';
}

/** How long after a minute its last captured line may arrive: what is later is LATE, not absent. */
export function observationLagSeconds(scope: IConstruct): number {
  const { captureBufferSeconds, capturePathSeconds } = installationOf(scope);
  return captureBufferSeconds + capturePathSeconds;
}
