import * as z from 'zod';
import { resourceFields, tags, timestamp } from '../shared/contract.ts';
import {
  approvalState,
  lineage,
  metrics,
  newModelName,
  semver,
  stage,
  task,
  versionRef,
  versionStatus,
} from './shapes.ts';

/** MLflow's JSON of a signature; `domain/shared/signature.ts` checks it field by field. */
export const signatureJson = z
  .looseObject({ inputs: z.unknown(), outputs: z.unknown().optional(), params: z.unknown().optional() })
  .meta({ id: 'ModelSignature', description: "MLflow's model signature" });

/** Where the files of a new version come from. */
export const versionSource = z
  .union([
    z.strictObject({ uploadId: z.string().regex(/^upl_[0-9A-Z]{26}$/, 'must be the id of an upload') }),
    z.strictObject({
      runId: z.string().min(1).max(256),
      path: z.string().max(1000).default('model').meta({ description: "Folder among the run's artifacts" }),
    }),
  ])
  .meta({ description: 'An upload, or a folder of artifacts of a run' });

const versionFields = {
  source: versionSource,
  description: z.string().max(5000).default(''),
  task: task.optional(),
  semver: semver.optional(),
  tags: tags.default({}),
  metrics: metrics.default({}),
  lineage: lineage.prefault({}),
  signature: signatureJson.optional(),
  tolerance: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .meta({ description: 'Largest allowed difference to the example’s outputs, absolute or relative; 1e-4' }),
};

export const versionInput = z.strictObject(versionFields);

/** The system specification's registration: makes the model when absent; without a source only that. */
export const registerInput = z.strictObject({
  ...versionFields,
  name: newModelName,
  source: versionSource.optional(),
});

export const versionPatch = z.strictObject({
  description: z.string().max(5000).optional(),
  semver: semver.nullable().optional().meta({ description: 'null takes the label away' }),
  tags: tags.optional().meta({ description: 'Replaces all tags' }),
});

export const modelVersion = z
  .object({
    model: z.string(),
    version: z.number().int(),
    status: versionStatus,
    reasons: z.array(z.string()).meta({ description: 'Why it was refused, in plain words' }),
    servable: z.boolean().meta({ description: 'Whether an endpoint can serve it' }),
    notServableBecause: z.string().optional(),
    description: z.string(),
    task: task.optional(),
    semver: z.string().optional(),
    stage,
    aliases: z.array(z.string()),
    tags,
    approval: z.object({
      state: approvalState,
      reason: z.string().optional(),
      decidedBy: z.string().optional(),
      decidedAt: timestamp.optional(),
    }),
    source: z.object({
      kind: z.enum(['upload', 'run', 'training', 'mlflow']),
      uri: z.string().meta({ description: 'As the caller named it' }),
    }),
    flavors: z.array(z.string()).optional().meta({ description: "MLflow's flavors, from MLmodel" }),
    loaderModule: z.string().optional().meta({ description: 'Module that loads it as a python_function' }),
    mlflowVersion: z.string().optional().meta({ description: 'Release of MLflow that wrote it' }),
    modelUuid: z.string().optional(),
    modelSizeBytes: z.number().int().optional().meta({ description: 'As MLflow counted when it was logged' }),
    signature: signatureJson.optional(),
    signatureFrom: z.enum(['caller', 'graph']).optional(),
    hasExample: z.boolean(),
    hasProfile: z.boolean().meta({ description: 'Whether a baseline profile is stored beside the model' }),
    check: z
      .object({
        loadMs: z.number().meta({ description: 'Time to load the model, milliseconds' }),
        maxDifference: z.number().optional().meta({ description: 'Largest difference to the example' }),
        tolerance: z.number().optional(),
        warnings: z.array(z.string()),
      })
      .optional(),
    metrics,
    lineage,
    manifest: z
      .object({
        files: z.array(z.object({ path: z.string(), sha256: z.string(), bytes: z.number().int() })),
        rootDigest: z.string(),
        statementDigest: z.string().meta({ description: 'SHA-256 of the signed statement' }),
        keyHint: z.string().meta({ description: "SHA-256 of the signing key's public half in PEM" }),
        signedAt: timestamp,
      })
      .optional(),
    ...resourceFields,
  })
  .meta({ id: 'ModelVersion' });

export const stageInput = z.strictObject({
  stage,
  archiveExisting: z
    .boolean()
    .default(false)
    .meta({ description: 'Whether the versions that are in the stage now are archived' }),
  reason: z.string().max(2000).default(''),
});

export const promoteInput = z.strictObject({
  version: z.union([z.number().int().min(1).transform(String), versionRef]),
  stage: stage.default('production'),
  archiveExisting: z.boolean().default(true),
  reason: z.string().max(2000).default(''),
});

/** 5 GB is what one S3 PUT takes: https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html */
export const MAX_UPLOAD_FILE_BYTES = 5 * 1024 ** 3;

export const uploadInput = z.strictObject({
  files: z
    .array(
      z.strictObject({
        path: z.string().min(1).max(500),
        bytes: z.number().int().min(0).max(MAX_UPLOAD_FILE_BYTES).optional(),
      }),
    )
    .min(1)
    .max(200),
});

export const upload = z
  .object({
    id: z.string(),
    model: z.string(),
    expiresAt: timestamp,
    targets: z.array(
      z.object({
        path: z.string(),
        method: z.literal('PUT'),
        url: z.string(),
        headers: z.record(z.string(), z.string()),
      }),
    ),
  })
  .meta({ id: 'Upload' });

export const verification = z
  .object({
    model: z.string(),
    version: z.number().int(),
    verified: z.boolean(),
    problems: z.array(z.string()),
    statementDigest: z.string().optional(),
    keyHint: z.string().optional(),
    files: z.array(
      z.object({
        path: z.string(),
        signedSha256: z.string().nullable(),
        storedSha256: z.string().nullable(),
        ok: z.boolean(),
      }),
    ),
    publicKeys: z.array(z.string()).meta({ description: "The platform's public keys in PEM" }),
  })
  .meta({ id: 'Verification' });

export const versionFiles = z
  .object({
    items: z.array(
      z.object({ path: z.string(), bytes: z.number().int(), url: z.string(), expiresAt: timestamp }),
    ),
  })
  .meta({ id: 'ModelVersionFiles' });

export const lineageAnswer = z
  .object({
    model: z.string(),
    version: z.number().int(),
    lineage,
    nodes: z.array(
      z.object({
        kind: z.enum([
          'model-version',
          'run',
          'logged-model',
          'dataset',
          'dataset-version',
          'training-execution',
          'code',
        ]),
        resource: z.string().meta({ description: 'As in events: datasets/x/versions/3' }),
      }),
    ),
    edges: z.array(z.object({ from: z.string(), to: z.string(), relation: z.string() })),
  })
  .meta({ id: 'LineageGraph' });

export const history = z
  .object({
    model: z.string(),
    at: timestamp,
    stages: z
      .object({
        staging: z.array(z.number().int()),
        production: z.array(z.number().int()),
        archived: z.array(z.number().int()),
      })
      .meta({ description: 'Versions in each stage then' }),
    changes: z.array(
      z.object({
        version: z.number().int(),
        from: stage,
        to: stage,
        at: timestamp,
        by: z.string(),
        reason: z.string(),
      }),
    ),
  })
  .meta({ id: 'ModelHistory' });

export type VersionInput = z.output<typeof versionInput>;
export type RegisterInput = z.output<typeof registerInput>;
export type VersionPatch = z.output<typeof versionPatch>;
export type VersionSource = z.output<typeof versionSource>;
export type ModelVersionView = z.output<typeof modelVersion>;
export type StageInput = z.output<typeof stageInput>;
export type PromoteInput = z.output<typeof promoteInput>;
export type UploadInput = z.output<typeof uploadInput>;
export type Upload = z.output<typeof upload>;
export type Verification = z.output<typeof verification>;
export type VersionFiles = z.output<typeof versionFiles>;
export type LineageAnswer = z.output<typeof lineageAnswer>;
export type History = z.output<typeof history>;
