import * as z from 'zod';
import { pageOf, pageQuery, timestamp } from '../shared/contract.ts';
import { defineRoute } from '../shared/define-route.ts';
import { openToGrants } from '../shared/grantable-routes.ts';
import { mlflowRegistryRoutes } from './mlflow-routes.ts';
import { modelPermissionRoutes } from './permission-contract.ts';
import {
  aliasName,
  approval,
  approvalInput,
  model,
  modelInput,
  modelPatch,
  policy,
  policyInput,
  stage,
  versionRef,
  versionStatus,
} from './shapes.ts';
import * as shapes from './version-shapes.ts';
import { webhookRoutes } from './webhook-contract.ts';

export type * from './shapes.ts';
export { STAGES, TASKS } from './shapes.ts';
export type * from './version-shapes.ts';
export type * from './workflow-shapes.ts';

const MODELS = '/api/v1/models';
const MODEL = `${MODELS}/{name}`;
const VERSION = `${MODEL}/versions/{v}`;

const byName = z.object({ name: z.string() });
const byVersion = z.object({ name: z.string(), v: versionRef });
const aliases = z.object({ aliases: z.record(z.string(), z.number().int()) });
const { modelVersion } = shapes;

export const modelRoutes = {
  listModels: defineRoute('listModels', {
    method: 'GET',
    path: MODELS,
    role: 'viewer',
    summary: 'Lists models, newest first',
    query: pageQuery,
    response: pageOf(model),
  }),
  createModel: defineRoute('createModel', {
    method: 'POST',
    path: MODELS,
    role: 'scientist',
    summary: 'Creates a model without versions',
    body: modelInput,
    response: model,
    status: 201,
  }),
  getModel: defineRoute('getModel', {
    method: 'GET',
    path: MODEL,
    role: 'viewer',
    summary: 'One model',
    params: byName,
    response: model,
  }),
  updateModel: defineRoute('updateModel', {
    method: 'PATCH',
    path: MODEL,
    role: 'scientist',
    summary: 'Changes name, description, task or tags',
    params: byName,
    body: modelPatch,
    response: model,
  }),
  deleteModel: defineRoute('deleteModel', {
    method: 'DELETE',
    path: MODEL,
    role: 'scientist',
    summary: 'Deletes a model none of whose versions is in production',
    params: byName,
  }),
  listModelAliases: defineRoute('listModelAliases', {
    method: 'GET',
    path: `${MODEL}/aliases`,
    role: 'viewer',
    summary: 'Aliases and the versions they point at',
    params: byName,
    response: aliases,
  }),
  setModelAlias: defineRoute('setModelAlias', {
    method: 'PUT',
    path: `${MODEL}/aliases/{alias}`,
    role: 'scientist',
    summary: 'Points an alias at a version',
    params: z.object({ name: z.string(), alias: aliasName }),
    body: z.strictObject({ version: z.union([z.number().int().min(1).transform(String), versionRef]) }),
    response: aliases,
  }),
  deleteModelAlias: defineRoute('deleteModelAlias', {
    method: 'DELETE',
    path: `${MODEL}/aliases/{alias}`,
    role: 'scientist',
    summary: 'Takes an alias away',
    params: z.object({ name: z.string(), alias: z.string() }),
  }),
  getModelPolicy: defineRoute('getModelPolicy', {
    method: 'GET',
    path: `${MODEL}/policy`,
    role: 'viewer',
    summary: 'Approval, gates and default rollout of a model',
    params: byName,
    response: policy,
  }),
  putModelPolicy: defineRoute('putModelPolicy', {
    method: 'PUT',
    path: `${MODEL}/policy`,
    role: 'admin',
    summary: 'Sets approval, gates and default rollout of a model',
    params: byName,
    body: policyInput,
    response: policy,
  }),
  getModelHistory: defineRoute('getModelHistory', {
    method: 'GET',
    path: `${MODEL}/history`,
    role: 'viewer',
    summary: 'What was in each stage at a time',
    params: byName,
    query: z.object({ at: timestamp.optional() }),
    response: shapes.history,
  }),
} as const;

export const versionRoutes = {
  createUpload: defineRoute('createUpload', {
    method: 'POST',
    path: `${MODEL}/uploads`,
    role: 'scientist',
    summary: 'Gives a presigned target for each file of a new version',
    params: byName,
    body: shapes.uploadInput,
    response: shapes.upload,
    status: 201,
  }),
  listModelVersions: defineRoute('listModelVersions', {
    method: 'GET',
    path: `${MODEL}/versions`,
    role: 'viewer',
    summary: 'Lists the versions of a model, newest first',
    params: byName,
    query: z.object({ ...pageQuery.shape, stage: stage.optional(), status: versionStatus.optional() }),
    response: pageOf(modelVersion),
  }),
  registerModelVersion: defineRoute('registerModelVersion', {
    method: 'POST',
    path: `${MODEL}/versions`,
    role: 'scientist',
    summary: 'Registers a version: its files are copied, checked and signed (status CHECKING until then)',
    params: byName,
    body: shapes.versionInput,
    response: modelVersion,
    status: 202,
  }),
  registerModel: defineRoute('registerModel', {
    method: 'POST',
    path: `${MODELS}/register`,
    role: 'scientist',
    summary: 'Makes the model when absent and registers a version of it',
    body: shapes.registerInput,
    response: z.union([modelVersion, model]),
    status: 202,
  }),
  getModelVersion: defineRoute('getModelVersion', {
    method: 'GET',
    path: VERSION,
    role: 'viewer',
    summary: 'One version by number, label or @alias',
    params: byVersion,
    response: modelVersion,
  }),
  updateModelVersion: defineRoute('updateModelVersion', {
    method: 'PATCH',
    path: VERSION,
    role: 'scientist',
    summary: 'Changes description, label or tags of a version',
    params: byVersion,
    body: shapes.versionPatch,
    response: modelVersion,
  }),
  deleteModelVersion: defineRoute('deleteModelVersion', {
    method: 'DELETE',
    path: VERSION,
    role: 'scientist',
    summary: 'Deletes a version that is not in production; its number is never used again',
    params: byVersion,
  }),
  setModelVersionStage: defineRoute('setModelVersionStage', {
    method: 'PUT',
    path: `${VERSION}/stage`,
    role: 'scientist',
    summary: 'Moves a version to a stage',
    params: byVersion,
    body: shapes.stageInput,
    response: modelVersion,
  }),
  promoteModelVersion: defineRoute('promoteModelVersion', {
    method: 'POST',
    path: `${MODEL}/promote`,
    twins: ['/models/{name}/promote'],
    role: 'scientist',
    summary: 'Moves a version to production and archives the one before',
    params: byName,
    body: shapes.promoteInput,
    response: modelVersion,
  }),
  getModelMetrics: defineRoute('getModelMetrics', {
    method: 'GET',
    path: `${MODEL}/metrics`,
    twins: ['/models/{name}/metrics'],
    role: 'viewer',
    summary: 'Metrics of the versions of a model, newest first',
    params: byName,
    query: pageQuery,
    response: pageOf(modelVersion.pick({ version: true, stage: true, metrics: true })),
  }),
  listApprovals: defineRoute('listApprovals', {
    method: 'GET',
    path: `${VERSION}/approvals`,
    role: 'viewer',
    summary: 'Decisions on a version, newest first',
    params: byVersion,
    query: pageQuery,
    response: pageOf(approval),
  }),
  decideApproval: defineRoute('decideApproval', {
    method: 'POST',
    path: `${VERSION}/approvals`,
    role: 'approver',
    summary: 'Approves or rejects; rejecting what serves brings back the last approved version',
    params: byVersion,
    body: approvalInput,
    response: approval,
    status: 201,
  }),
  verifyModelVersion: defineRoute('verifyModelVersion', {
    method: 'GET',
    path: `${VERSION}/verification`,
    role: 'viewer',
    summary: 'Checks the signature and the digests of the stored files',
    params: byVersion,
    response: shapes.verification,
  }),
  listModelVersionFiles: defineRoute('listModelVersionFiles', {
    method: 'GET',
    path: `${VERSION}/files`,
    role: 'viewer',
    summary: 'The files of a version with presigned addresses, model.sig included',
    params: byVersion,
    response: shapes.versionFiles,
  }),
  getModelVersionLineage: defineRoute('getModelVersionLineage', {
    method: 'GET',
    path: `${VERSION}/lineage`,
    role: 'viewer',
    summary: 'What a version was made from',
    params: byVersion,
    response: shapes.lineageAnswer,
  }),
} as const;

/** Every route of the registry: the platform's own and MLflow's. */
export const registryRoutes = {
  ...openToGrants(
    { ...modelRoutes, ...versionRoutes, ...mlflowRegistryRoutes, ...modelPermissionRoutes } as const,
    // They make a model.
    ['createModel', 'registerModel', 'createRegisteredModel'],
  ),
  ...webhookRoutes,
} as const;
