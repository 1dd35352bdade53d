import type { ColumnDrift, DriftVerdict, JointDrift } from './drift-report.ts';
import { formatShare } from './format-number.ts';

/** Importance that drifting columns must carry together before the whole is called what they are. */
const SIGNIFICANT_IMPORTANCE = 0.1;
const SEVERE_IMPORTANCE = 0.2;

const ORDER: readonly DriftVerdict[] = ['INSUFFICIENT_DATA', 'NONE', 'MODERATE', 'SIGNIFICANT', 'SEVERE'];

export function isAtLeast(verdict: DriftVerdict, level: DriftVerdict): boolean {
  return ORDER.indexOf(verdict) >= ORDER.indexOf(level);
}

export function worstVerdict(verdicts: readonly DriftVerdict[]): DriftVerdict {
  return verdicts.reduce<DriftVerdict>((worst, next) => (isAtLeast(next, worst) ? next : worst), 'NONE');
}

/**
 * The window's verdict: any drift is at least MODERATE, and more only when the columns that drift so much carry
 * enough of the model. Predictions, scores and joint behaviour are the model, and count as they are.
 */
export function overallVerdict(
  columns: readonly ColumnDrift[],
  joint: JointDrift,
  importances: ReadonlyMap<string, number>,
): { verdict: DriftVerdict; reasons: string[] } {
  const judged = columns.filter((column) => column.verdict !== 'INSUFFICIENT_DATA');
  if (judged.length === 0) {
    return { verdict: 'INSUFFICIENT_DATA', reasons: ['No column has rows enough for a verdict.'] };
  }
  const features = judged.filter((column) => column.role === 'feature' && weightOf(column, importances) > 0);
  const carried = (level: DriftVerdict) => carriedBy(features, level, importances);
  const direct = judged.filter((column) => column.role !== 'feature').map((column) => column.verdict);
  if (joint.verdict !== 'INSUFFICIENT_DATA') direct.push(joint.verdict);
  const verdict = worstVerdict([
    ...direct,
    features.some((column) => isAtLeast(column.verdict, 'MODERATE')) ? 'MODERATE' : 'NONE',
    carried('SIGNIFICANT') >= SIGNIFICANT_IMPORTANCE ? 'SIGNIFICANT' : 'NONE',
    carried('SEVERE') >= SEVERE_IMPORTANCE ? 'SEVERE' : 'NONE',
  ]);
  return { verdict, reasons: describe(judged, features, joint, carried('MODERATE')) };
}

function weightOf(column: ColumnDrift, importances: ReadonlyMap<string, number>): number {
  return importances.size === 0 ? 1 : (importances.get(column.column) ?? 0);
}

function carriedBy(
  features: readonly ColumnDrift[],
  level: DriftVerdict,
  importances: ReadonlyMap<string, number>,
): number {
  const weigh = (columns: readonly ColumnDrift[]) =>
    columns.reduce((sum, column) => sum + weightOf(column, importances), 0);
  const total = weigh(features);
  return total > 0 ? weigh(features.filter((column) => isAtLeast(column.verdict, level))) / total : 0;
}

function describe(
  judged: readonly ColumnDrift[],
  features: readonly ColumnDrift[],
  joint: JointDrift,
  carried: number,
): string[] {
  const drifting = judged.filter((column) => isAtLeast(column.verdict, 'MODERATE'));
  const driftingFeatures = features.filter((column) => isAtLeast(column.verdict, 'MODERATE'));
  const reasons = drifting.map((column) => `${column.column} ${column.verdict}: ${column.reasons.join(' ')}`);
  if (driftingFeatures.length > 0) {
    reasons.unshift(
      `${driftingFeatures.length} of ${features.length} features drift, with ${formatShare(carried)} of the importance.`,
    );
  }
  return isAtLeast(joint.verdict, 'MODERATE') ? [...reasons, ...joint.reasons] : reasons;
}
