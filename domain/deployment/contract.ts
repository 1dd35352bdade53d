import * as z from 'zod';
import { modelName, pageOf, pageQuery, resourceFields, slug, timestamp } from '../shared/contract.ts';
import { defineRoute } from '../shared/define-route.ts';
import { rolloutPolicySchema } from './judge/policy.ts';

export const ENDPOINT_STATUSES = ['CREATING', 'IN_SERVICE', 'UPDATING', 'FAILED', 'DELETING'] as const;
export const ROLLOUT_STATUSES = ['PENDING', 'RUNNING', 'PAUSED', 'COMPLETED'] as const;
export const PAUSE_REASONS = ['NO_DATA', 'OPERATOR', 'APPROVAL', 'FREEZE'] as const;
export const ROLLOUT_OUTCOMES = ['PROMOTED', 'ROLLED_BACK', 'ABORTED', 'FAILED'] as const;
export const ROLLOUT_STRATEGIES = [
  'all-at-once',
  'canary',
  'linear',
  'blue-green',
  'ab-test',
  'shadow',
] as const;
/** What started a rollout: a caller, a platform team's event, an approval, or a change back. */
export const ROLLOUT_TRIGGERS = [
  'create',
  'request',
  'event',
  'approval',
  'rejection',
  'rollback',
  'settings',
] as const;

export const versionReference = z
  .union([z.number().int().min(1), z.string().min(1).max(100)])
  .meta({ description: 'A version number, a semver label, or an alias as @alias' });

const share = z.number().min(0).max(1);

/** A rollout's policy, every part with a default; docs/rollouts.md tells what each does. */
export const rolloutPolicy = rolloutPolicySchema.meta({ id: 'RolloutPolicy' });

export const captureSettings = z
  .strictObject({
    enabled: z.boolean().default(true).meta({
      description: 'Without captured requests nothing can be judged or watched',
    }),
    drop: z
      .array(z.string().min(1).max(250))
      .max(1000)
      .default([])
      .meta({ description: 'Columns whose values are never written' }),
  })
  .meta({ id: 'CaptureSettings' });

const memoryMb = z.number().int().min(128).max(10_240);
const reservedConcurrency = z.number().int().min(1).max(10_000).nullable();

export const endpoint = z
  .object({
    name: slug,
    target: z
      .enum(['platform', 'external'])
      .meta({ description: 'external: served elsewhere, observed here' }),
    model: modelName,
    version: z.number().int().nullable().meta({ description: 'The version that has the traffic' }),
    status: z.enum(ENDPOINT_STATUSES),
    reason: z.string().nullable().meta({ description: 'Why the endpoint FAILED' }),
    url: z.string().nullable().meta({ description: 'Base of the serving routes; never build it yourself' }),
    memoryMb,
    reservedConcurrency,
    capture: captureSettings,
    servingBundle: z.string().nullable().meta({ description: 'Release of the serving runtime' }),
    rollout: z.string().nullable().meta({ description: 'The rollout that is under way' }),
    ...resourceFields,
  })
  .meta({ id: 'Endpoint' });

export const rolloutStep = z.object({
  at: timestamp,
  weight: share.meta({ description: 'Share of the traffic that the candidate gets from here on' }),
  reason: z.string(),
});

export const rolloutDecision = z
  .object({
    minute: timestamp.meta({ description: 'The minute of event time that was judged' }),
    weight: share,
    decision: z.enum(['CONTINUE', 'PAUSE', 'ROLL_BACK', 'PROMOTE']),
    reason: z.string(),
    statistics: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'RolloutDecision' });

export const rollout = z
  .object({
    id: z.string(),
    endpoint: slug,
    model: modelName,
    version: z.number().int(),
    incumbentVersion: z.number().int().nullable(),
    strategy: z.enum(ROLLOUT_STRATEGIES),
    policy: z.record(z.string(), z.unknown()),
    trigger: z.enum(ROLLOUT_TRIGGERS),
    triggerReason: z.string().nullable(),
    status: z.enum(ROLLOUT_STATUSES),
    pauseReason: z.enum(PAUSE_REASONS).nullable(),
    outcome: z.enum(ROLLOUT_OUTCOMES).nullable(),
    reason: z.string().nullable(),
    weight: share,
    steps: z.array(rolloutStep),
    decisions: z.array(rolloutDecision).optional().meta({ description: 'The last 200, newest first' }),
    startedAt: timestamp.nullable(),
    completedAt: timestamp.nullable(),
    ...resourceFields,
  })
  .meta({ id: 'Rollout' });

export const historyEntry = z
  .object({
    at: timestamp,
    model: modelName,
    version: z.number().int().nullable().meta({ description: 'null from the deletion on' }),
    rollout: z.string().nullable(),
    reason: z.string(),
    actor: z.string(),
  })
  .meta({ id: 'EndpointHistoryEntry' });

const strategyAndPolicy = {
  strategy: z
    .enum(ROLLOUT_STRATEGIES)
    .optional()
    .meta({ description: 'Default: the model policy’s, else canary' }),
  policy: rolloutPolicy.optional(),
};

export const endpointInput = z.strictObject({
  name: slug,
  model: modelName,
  version: versionReference,
  target: z.enum(['platform', 'external']).default('platform'),
  memoryMb: memoryMb.default(1024),
  reservedConcurrency: reservedConcurrency.default(null),
  capture: captureSettings.prefault({}),
});

export const endpointPatch = z.strictObject({
  memoryMb: memoryMb.optional(),
  reservedConcurrency: reservedConcurrency.optional(),
  capture: captureSettings.optional(),
});

export const rolloutInput = z.strictObject({ version: versionReference, ...strategyAndPolicy });

export const rollbackInput = z
  .strictObject({
    toVersion: versionReference.optional(),
    at: timestamp.optional().meta({ description: 'Back to what served then' }),
    reason: z.string().min(1).max(1000),
  })
  .refine((input) => (input.toVersion === undefined) !== (input.at === undefined), {
    message: 'needs exactly one of toVersion and at',
    path: ['toVersion'],
  });

const deploymentInput = {
  version: versionReference,
  endpoint: slug.optional().meta({ description: 'Default: a name made from the model’s' }),
  strategy: z.enum(ROLLOUT_STRATEGIES).optional().meta({ description: 'Of an endpoint that exists' }),
  policy: rolloutPolicy.optional(),
  memoryMb: memoryMb.default(1024),
};

/** The system specification's view of an endpoint and the rollout that a request started. */
export const deployment = z
  .object({ id: slug, status: z.enum(ENDPOINT_STATUSES), endpoint, rollout })
  .meta({ id: 'Deployment' });

const ENDPOINTS = '/api/v1/endpoints';
const named = z.object({ name: slug });
const rolloutId = z.object({ id: z.string().regex(/^rol_[0-9A-Z]{26}$/, 'must be a rollout id') });
const commandInput = z.strictObject({ reason: z.string().min(1).max(1000).optional() }).optional();

export const deploymentRoutes = {
  createEndpoint: defineRoute('createEndpoint', {
    method: 'POST',
    path: ENDPOINTS,
    role: 'operator',
    summary: 'Creates an endpoint that serves a model version',
    body: endpointInput,
    response: endpoint,
    status: 202,
  }),
  listEndpoints: defineRoute('listEndpoints', {
    method: 'GET',
    path: ENDPOINTS,
    role: 'viewer',
    summary: "Lists the tenant's endpoints",
    query: pageQuery,
    response: pageOf(endpoint),
  }),
  getEndpoint: defineRoute('getEndpoint', {
    method: 'GET',
    path: `${ENDPOINTS}/{name}`,
    role: 'viewer',
    summary: 'Shows an endpoint and its url',
    params: named,
    response: endpoint,
    twins: ['/api/v1/deployments/{name}/status', '/deployments/{name}/status'],
  }),
  updateEndpoint: defineRoute('updateEndpoint', {
    method: 'PATCH',
    path: `${ENDPOINTS}/{name}`,
    role: 'operator',
    summary: "Changes an endpoint's memory, concurrency or capture",
    params: named,
    body: endpointPatch,
    response: endpoint,
    status: 202,
  }),
  deleteEndpoint: defineRoute('deleteEndpoint', {
    method: 'DELETE',
    path: `${ENDPOINTS}/{name}`,
    role: 'operator',
    summary: 'Deletes an endpoint and all that was made for it',
    params: named,
    response: endpoint,
    status: 202,
    twins: ['/api/v1/deployments/{name}', '/deployments/{name}'],
  }),
  getEndpointHistory: defineRoute('getEndpointHistory', {
    method: 'GET',
    path: `${ENDPOINTS}/{name}/history`,
    role: 'viewer',
    summary: 'What had the traffic, newest first; with at, what had it then',
    params: named,
    query: pageQuery.extend({ at: timestamp.optional() }),
    response: pageOf(historyEntry),
  }),
  rollBackEndpoint: defineRoute('rollBackEndpoint', {
    method: 'POST',
    path: `${ENDPOINTS}/{name}/rollback`,
    role: 'operator',
    summary: 'Gives the traffic back to an earlier version',
    params: named,
    body: rollbackInput,
    response: rollout,
    status: 202,
  }),
  startRollout: defineRoute('startRollout', {
    method: 'POST',
    path: `${ENDPOINTS}/{name}/rollouts`,
    role: 'operator',
    summary: 'Rolls a version out on an endpoint',
    params: named,
    body: rolloutInput,
    response: rollout,
    status: 202,
  }),
  listRollouts: defineRoute('listRollouts', {
    method: 'GET',
    path: `${ENDPOINTS}/{name}/rollouts`,
    role: 'viewer',
    summary: 'Lists the rollouts of an endpoint',
    params: named,
    query: pageQuery,
    response: pageOf(rollout),
  }),
  getRollout: defineRoute('getRollout', {
    method: 'GET',
    path: '/api/v1/rollouts/{id}',
    role: 'viewer',
    summary: 'Shows a rollout with its steps and decisions',
    params: rolloutId,
    response: rollout,
  }),
  pauseRollout: defineRoute('pauseRollout', {
    method: 'POST',
    path: '/api/v1/rollouts/{id}/pause',
    role: 'operator',
    summary: 'Holds the weight; harm still ends the rollout',
    params: rolloutId,
    body: commandInput,
    response: rollout,
  }),
  resumeRollout: defineRoute('resumeRollout', {
    method: 'POST',
    path: '/api/v1/rollouts/{id}/resume',
    role: 'operator',
    summary: 'Goes on with a paused rollout',
    params: rolloutId,
    body: commandInput,
    response: rollout,
  }),
  abortRollout: defineRoute('abortRollout', {
    method: 'POST',
    path: '/api/v1/rollouts/{id}/abort',
    role: 'operator',
    summary: 'Ends a rollout with all the traffic on the incumbent',
    params: rolloutId,
    body: commandInput,
    response: rollout,
    status: 202,
  }),
  promoteRollout: defineRoute('promoteRollout', {
    method: 'POST',
    path: '/api/v1/rollouts/{id}/promote',
    role: 'operator',
    summary: 'Ends a rollout with all the traffic on the candidate',
    params: rolloutId,
    body: commandInput,
    response: rollout,
    status: 202,
  }),
  deployModel: defineRoute('deployModel', {
    method: 'POST',
    path: '/api/v1/models/{name}/deploy',
    role: 'operator',
    summary: 'Serves a version: a new endpoint, or a rollout on the one that exists',
    params: z.object({ name: modelName }),
    body: z.strictObject(deploymentInput),
    response: deployment,
    status: 202,
    twins: ['/models/{name}/deploy'],
  }),
  createDeployment: defineRoute('createDeployment', {
    method: 'POST',
    path: '/api/v1/deployments/create',
    role: 'operator',
    summary: 'Serves a version: a new endpoint, or a rollout on the one that exists',
    body: z.strictObject({ model: modelName, ...deploymentInput }),
    response: deployment,
    status: 202,
    twins: ['/deployments/create'],
  }),
  scaleDeployment: defineRoute('scaleDeployment', {
    method: 'POST',
    path: '/api/v1/deployments/{name}/scale',
    role: 'operator',
    summary: "Changes an endpoint's memory or concurrency",
    params: named,
    body: endpointPatch,
    response: endpoint,
    status: 202,
    twins: ['/deployments/{name}/scale'],
  }),
} as const;

export type EndpointInput = z.output<typeof endpointInput>;
export type EndpointPatch = z.output<typeof endpointPatch>;
export type RolloutInput = z.output<typeof rolloutInput>;
export type RollbackInput = z.output<typeof rollbackInput>;
export type CaptureSettings = z.output<typeof captureSettings>;
export type VersionReference = z.output<typeof versionReference>;
export type EndpointStatus = (typeof ENDPOINT_STATUSES)[number];
export type RolloutStatus = (typeof ROLLOUT_STATUSES)[number];
export type PauseReason = (typeof PAUSE_REASONS)[number];
export type RolloutOutcome = (typeof ROLLOUT_OUTCOMES)[number];
export type RolloutStrategy = (typeof ROLLOUT_STRATEGIES)[number];
export type RolloutTrigger = (typeof ROLLOUT_TRIGGERS)[number];
