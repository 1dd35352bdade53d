import * as z from 'zod';
import { slug } from '../shared/contract.ts';
import { approvalState, lineage, metrics, newModelName, semver, task, versionStatus } from './shapes.ts';
import { signatureJson } from './version-shapes.ts';

const caller = {
  tenant: slug,
  /** Who started the execution, or last changed the policy that did: the version's author. */
  actor: z.string().min(1),
  /** The execution's id, for log and audit. */
  requestId: z.string().min(1),
};

/** Input of the state `RegisterModelVersion` (function `registry/register-model-version`). */
export const registerTrainedInput = z.object({
  ...caller,
  model: newModelName,
  /** Prefix in the artifact bucket of `model.onnx`, `example.json`, `profile.json`, and `signature.json` if any. */
  prefix: z.string().regex(/^tenants\/[^/]+\/.+\/$/, 'must start with tenants/<tenant>/ and end with /'),
  task,
  metrics: metrics.default({}),
  /** `trainingExecution` makes the state repeatable: a second run finds the first one's version. */
  lineage: lineage.prefault({}),
  description: z.string().optional(),
  semver: semver.optional(),
  tags: z.record(z.string(), z.string()).default({}),
  signature: signatureJson.optional(),
  tolerance: z.number().optional(),
});

/** Output of that state. REFUSED is an outcome: `reasons` says why. */
export const registerTrainedOutput = z.object({
  model: z.string(),
  version: z.number().int(),
  status: versionStatus,
  reasons: z.array(z.string()),
  approval: approvalState,
});

/** Input of the state `RequestApproval` (function `registry/request-approval`). */
export const requestApprovalInput = z.object({
  ...caller,
  model: z.string(),
  version: z.number().int(),
  reason: z.string().default(''),
});

/** Output of that state: nobody has to wait unless `approval` is `pending`. */
export const requestApprovalOutput = z.object({
  version: z.number().int(),
  approval: approvalState,
  rollOutOnApproval: z.boolean(),
});

export type RegisterTrainedInput = z.input<typeof registerTrainedInput>;
export type RegisterTrainedOutput = z.output<typeof registerTrainedOutput>;
export type RequestApprovalInput = z.input<typeof requestApprovalInput>;
export type RequestApprovalOutput = z.output<typeof requestApprovalOutput>;
