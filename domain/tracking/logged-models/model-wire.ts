import * as z from 'zod';
import { describeMlflowIssue, mlflowOptionalString } from '../../shared/mlflow-shapes.ts';

const error = describeMlflowIssue as z.core.$ZodErrorMap;

function listOf<S extends z.ZodRawShape>(shape: S) {
  const list = z.array(z.object(shape, { error }), { error });
  return list.nullish().transform((value) => value ?? []);
}

/** Text of which MLflow cannot tell absent from empty. */
const text = z
  .string({ error })
  .nullish()
  .transform((value) => value ?? '');

/** Params or tags of a logged model; their keys are free. */
export const pairs = listOf({ key: text, value: text });

/** By name or number, as protobuf reads enums; what it does not know becomes the unspecified one. */
export const modelStatus = z.union([z.string().min(1), z.number()], { error });

export const datasetFilters = listOf({ dataset_name: text, dataset_digest: mlflowOptionalString });

export const modelOrderBy = listOf({
  field_name: text,
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
export const modelInputs = listOf({ model_id: text });

/** Models that a run made. */
export const modelOutputs = z.array(
  z.object(
    {
      model_id: text,
      step: z
        .union([
          z.int(),
          z
            .string()
            .regex(/^-?\d+$/)
            .transform(Number),
        ])
        .nullish()
        .transform((value) => value ?? 0),
    },
    { error },
  ),
  { error },
);
