import type { Outcomes } from '../../shared/observation.ts';
import type { LabelledRows } from './labelled-rows.ts';

/**
 * Labelled rows as the rollout judge counts them. Of several classes a right answer counts as a true positive
 * and a wrong one as a false positive: the judge compares shares of wrong answers.
 */
export function countOutcomes(rows: LabelledRows): Outcomes | null {
  if (rows.labels.length === 0) return null;
  if (rows.task === 'regression') {
    const errors = rows.labels.map((label, i) => Math.abs(label - rows.predictions[i]!));
    return {
      kind: 'regression',
      count: errors.length,
      abs_error_sum: errors.reduce((sum, error) => sum + error, 0),
      abs_error_sq_sum: errors.reduce((sum, error) => sum + error * error, 0),
    };
  }
  if (rows.task === 'multiclass') {
    const right = rows.correct.reduce((sum, correct) => sum + correct, 0);
    return { kind: 'classification', tp: right, fp: rows.correct.length - right, tn: 0, fn: 0 };
  }
  const counts = { tp: 0, fp: 0, tn: 0, fn: 0 };
  rows.labels.forEach((label, i) => {
    if (rows.predictions[i] === 1) counts[label === 1 ? 'tp' : 'fp'] += 1;
    else counts[label === 1 ? 'fn' : 'tn'] += 1;
  });
  return { kind: 'classification', ...counts };
}
