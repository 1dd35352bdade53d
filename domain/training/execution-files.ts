/**
 * Where an execution's working files lie in the dataset bucket: rows and what was made of them, removed when it
 * ends.
 */
export function workPrefix(tenant: string, executionId: string): string {
  return `tenants/${tenant}/trainings/${executionId}/`;
}

export const WORK_FILES = {
  /** Rows for training, then those for validation, in time order. */
  fitting: 'fitting.rows',
  holdOut: 'hold-out.rows',
  model: 'model.json',
  champion: 'champion.json',
  championScores: 'champion-scores.json',
} as const;

/** Folder of a run's artifacts that takes the model. */
export const MODEL_FOLDER = 'model/';
