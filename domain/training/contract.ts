import * as z from 'zod';
import { modelName, pageOf, pageQuery, resourceFields, slug, timestamp } from '../shared/contract.ts';
import { defineRoute } from '../shared/define-route.ts';
import { pipelineInput, pipelineSettings } from './pipeline-contract.ts';

export const EXECUTION_STATUSES = [
  'PENDING',
  'RUNNING',
  'SUCCEEDED',
  'REJECTED_BY_GATE',
  'FAILED',
  'STOPPED',
] as const;

/** Who wanted an execution: a caller, or a retraining policy. */
export const EXECUTION_TRIGGERS = ['request', 'policy'] as const;

/** The steps of an execution in their order, as the state machine names its states. */
export const EXECUTION_STEPS = [
  'BuildVersion',
  'ValidateDataset',
  'SplitDataset',
  'TuneModel',
  'TrainModel',
  'EvaluateModel',
  'ExportModel',
  'RegisterModelVersion',
] as const;

export const trainingPipeline = z
  .object({ name: slug, ...pipelineSettings.shape, ...resourceFields })
  .meta({ id: 'TrainingPipeline' });

export const trainingPipelineInput = z.strictObject({ name: slug, ...pipelineInput.shape });

export const executionStep = z
  .object({
    name: z.enum(EXECUTION_STEPS),
    startedAt: timestamp,
    endedAt: timestamp,
    result: z.record(z.string(), z.unknown()).meta({ description: 'What the step found, in small' }),
  })
  .meta({ id: 'TrainingStep' });

export const trainingExecution = z
  .object({
    id: z.string().meta({ description: 'exe_ and a ULID' }),
    pipeline: slug,
    model: modelName,
    dataset: slug,
    datasetVersion: z.number().int(),
    status: z.enum(EXECUTION_STATUSES),
    reason: z.string().nullable().meta({ description: 'Why it did not succeed, in plain words' }),
    reasons: z.array(z.string()).meta({ description: 'One sentence for each finding or rule of the gate' }),
    trigger: z.enum(EXECUTION_TRIGGERS),
    cause: z.string().nullable().meta({ description: 'Why it was started' }),
    steps: z.array(executionStep),
    champion: z.number().int().nullable().meta({ description: 'The version it was compared with' }),
    modelVersion: z.number().int().nullable().meta({ description: 'The version that it registered' }),
    approval: z.enum(['not-required', 'pending', 'approved', 'rejected']).nullable(),
    metrics: z.record(z.string(), z.number()).meta({ description: 'Of the candidate on the hold-out' }),
    runId: z.string().nullable().meta({ description: 'The MLflow run that it is logged as' }),
    startedAt: timestamp.nullable(),
    endedAt: timestamp.nullable(),
    ...resourceFields,
  })
  .meta({ id: 'TrainingExecution' });

export const executionInput = z.strictObject({
  datasetVersion: z
    .union([z.number().int().min(1), z.literal('latest')])
    .default('latest')
    .meta({ description: 'A version number, or latest' }),
  reason: z.string().max(1000).optional(),
});

export const stopInput = z.strictObject({ reason: z.string().max(1000).optional() }).optional();

const PIPELINES = '/api/v1/training-pipelines';
const EXECUTIONS = '/api/v1/training-executions';
const byName = z.object({ name: slug });
const byId = z.object({ id: z.string().regex(/^exe_[0-9A-Z]{26}$/, 'must be the id of an execution') });

export const trainingRoutes = {
  listTrainingPipelines: defineRoute('listTrainingPipelines', {
    method: 'GET',
    path: PIPELINES,
    role: 'viewer',
    summary: 'Lists training pipelines, newest first',
    query: pageQuery,
    response: pageOf(trainingPipeline),
  }),
  createTrainingPipeline: defineRoute('createTrainingPipeline', {
    method: 'POST',
    path: PIPELINES,
    role: 'scientist',
    summary: 'Creates a training pipeline',
    body: trainingPipelineInput,
    response: trainingPipeline,
    status: 201,
  }),
  getTrainingPipeline: defineRoute('getTrainingPipeline', {
    method: 'GET',
    path: `${PIPELINES}/{name}`,
    role: 'viewer',
    summary: 'One training pipeline',
    params: byName,
    response: trainingPipeline,
  }),
  putTrainingPipeline: defineRoute('putTrainingPipeline', {
    method: 'PUT',
    path: `${PIPELINES}/{name}`,
    role: 'scientist',
    summary: 'Creates a training pipeline or replaces its settings',
    params: byName,
    body: pipelineInput,
    response: trainingPipeline,
  }),
  deleteTrainingPipeline: defineRoute('deleteTrainingPipeline', {
    method: 'DELETE',
    path: `${PIPELINES}/{name}`,
    role: 'scientist',
    summary: 'Deletes a training pipeline; its executions stay',
    params: byName,
  }),
  startTrainingExecution: defineRoute('startTrainingExecution', {
    method: 'POST',
    path: `${PIPELINES}/{name}/executions`,
    role: 'scientist',
    summary: 'Starts a training on a version of the pipeline’s dataset',
    params: byName,
    body: executionInput,
    response: trainingExecution,
    status: 202,
  }),
  listTrainingExecutions: defineRoute('listTrainingExecutions', {
    method: 'GET',
    path: `${PIPELINES}/{name}/executions`,
    role: 'viewer',
    summary: 'Lists the executions of a pipeline, newest first, without their steps',
    params: byName,
    query: pageQuery,
    response: pageOf(trainingExecution),
  }),
  getTrainingExecution: defineRoute('getTrainingExecution', {
    method: 'GET',
    path: `${EXECUTIONS}/{id}`,
    role: 'viewer',
    summary: 'One execution with its steps and their findings',
    params: byId,
    response: trainingExecution,
  }),
  stopTrainingExecution: defineRoute('stopTrainingExecution', {
    method: 'POST',
    path: `${EXECUTIONS}/{id}/stop`,
    role: 'scientist',
    summary: 'Stops an execution that has not ended',
    params: byId,
    body: stopInput,
    response: trainingExecution,
  }),
} as const;
