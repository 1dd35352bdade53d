import * as z from 'zod';
import {
  describeMlflowIssue,
  mlflowInteger,
  mlflowList,
  mlflowOptionalString,
  mlflowText,
} from '../../shared/mlflow-shapes.ts';

const error = describeMlflowIssue as z.core.$ZodErrorMap;

/** Params or tags of a logged model; their keys are free. */
export const pairs = mlflowList({ key: mlflowText, value: mlflowText });

/** By name or number, as protobuf reads enums; what it does not know becomes the unspecified one. */
export const modelStatus = z.union([z.string().min(1), z.number()], { error });

export const datasetFilters = mlflowList({ dataset_name: mlflowText, dataset_digest: mlflowOptionalString });

export const modelOrderBy = mlflowList({
  field_name: mlflowText,
  ascending: z
    .boolean()
    .nullish()
    .transform((value) => value ?? true),
  dataset_name: mlflowOptionalString,
  dataset_digest: mlflowOptionalString,
});

/** What a metric says beside its point when it is about a logged model. */
export const aboutModel = {
  model_id: mlflowOptionalString,
  dataset_name: mlflowOptionalString,
  dataset_digest: mlflowOptionalString,
};

/** Models that a run used. */
export const modelInputs = mlflowList({ model_id: mlflowText });

/** Models that a run made. */
export const modelOutputs = z.array(
  z.object(
    {
      model_id: mlflowText,
      step: mlflowInteger.nullish().transform((value) => value ?? 0),
    },
    { error },
  ),
  { error },
);
