import * as z from 'zod';
import {
  mlflowDouble,
  mlflowEnum,
  mlflowInteger,
  mlflowList,
  mlflowString,
  mlflowText,
} from '../shared/mlflow-shapes.ts';
import { aboutModel } from './logged-models/model-wire.ts';

const VIEW_TYPES = { ACTIVE_ONLY: 1, DELETED_ONLY: 2, ALL: 3 };
const RUN_STATUS_NUMBERS = { RUNNING: 1, SCHEDULED: 2, FINISHED: 3, FAILED: 4, KILLED: 5 };

export const viewType = mlflowEnum(VIEW_TYPES).transform((value) => value ?? 'ACTIVE_ONLY');
export const runStatus = mlflowEnum(RUN_STATUS_NUMBERS);

/** A run; old clients name it `run_uuid`, which the reader of requests takes as well. */
export const runReference = { run_id: mlflowString };

export const experimentReference = z.object({ experiment_id: mlflowString });

/** One tag or param to set. */
export const keyValue = z.object({ key: mlflowString, value: mlflowText });

/** Tags or params of a batch. */
export const keyValues = mlflowList(keyValue.shape);

/** A point; without a step it is step 0. */
export const metric = z.object({
  key: mlflowString,
  value: mlflowDouble,
  timestamp: mlflowInteger,
  step: mlflowInteger.nullish().transform((step) => step ?? 0),
  ...aboutModel,
});

export const datasetInput = z.object({
  tags: mlflowList({ key: mlflowText, value: mlflowText }),
  dataset: z.object({
    name: mlflowText,
    digest: mlflowText,
    source_type: mlflowText,
    source: mlflowText,
    schema: z
      .string()
      .nullish()
      .transform((text) => text ?? undefined),
    profile: z
      .string()
      .nullish()
      .transform((text) => text ?? undefined),
  }),
});
