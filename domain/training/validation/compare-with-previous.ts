import type { CategoricalProfile, NumericProfile, Profile } from '../../shared/profile/profile.ts';
import type { CategoryColumn, Column, NumericColumn, Table } from '../../shared/table.ts';
import { shareUnknown } from './check-expectations.ts';
import { computeMoments, type Moments, missingShare, shareOutside } from './column-facts.ts';
import { type Finding, percent, tolerableShare } from './finding.ts';

/** Fewer rows than this share of the previous version's look like a load that broke off. */
const LEAST_ROWS_SHARE = 0.5;

/** Shifts of the mean in standard deviations: half a one is a large effect (Cohen 1988), one is beyond drift. */
const SHIFT_WARNING = 0.5;
const SHIFT_ERROR = 1;

/**
 * Quantiles of which four in five changed by one factor, to within 5 %, and by at least 1.25: minutes became
 * hours. Not all of them, since quantiles of repeated values jump; at least eight, since few numbers often
 * share a factor by chance.
 */
const SCALE_LEAST = Math.log(1.25);
const SCALE_SPREAD = 0.05;
const SCALE_AGREEMENT = 0.8;
const SCALE_LEAST_QUANTILES = 8;

/** Statistics of a data set against the profile of the version before it, column by column. */
export function compareWithPrevious(table: Table, previous: Profile): Finding[] {
  const findings: Finding[] = [];
  if (table.rows < LEAST_ROWS_SHARE * previous.rows) {
    const message = `There are ${table.rows} rows, the previous version had ${previous.rows}.`;
    findings.push({ code: 'ROWS_DROPPED', severity: 'warning', message });
  }
  for (const profile of previous.columns) {
    const column = Object.hasOwn(table.columns, profile.name) ? table.columns[profile.name] : undefined;
    if (column === undefined) {
      const message = `'${profile.name}' is absent, the previous version had it.`;
      findings.push({ code: 'MISSING_COLUMN', severity: 'error', column: profile.name, message });
    } else if (column.kind === 'numeric' && profile.kind === 'numeric') {
      findings.push(...compareMissing(column, profile, table.rows), ...compareNumeric(column, profile));
    } else if (column.kind === 'category' && profile.kind === 'categorical') {
      findings.push(...compareMissing(column, profile, table.rows), ...compareCategories(column, profile));
    } else {
      const message = `'${profile.name}' is ${column.kind}, it was ${profile.kind} in the previous version.`;
      findings.push({ code: 'WRONG_TYPE', severity: 'error', column: profile.name, message });
    }
  }
  return findings;
}

function compareMissing(column: Column, profile: Profile['columns'][number], rows: number): Finding[] {
  const before = profile.rows === 0 ? 0 : profile.missing / profile.rows;
  const now = missingShare(column);
  if (now <= tolerableShare(before, rows)) return [];
  // A tenth of the rows more than before is a field that somebody stopped filling.
  const severity = now > before + 0.1 ? 'error' : 'warning';
  const message = `${percent(now)} of '${profile.name}' is missing, it was ${percent(before)}.`;
  return [{ code: 'MISSING_RATE_ROSE', severity, column: profile.name, message }];
}

function compareNumeric(column: NumericColumn, profile: NumericProfile): Finding[] {
  const { min, max, mean, sd } = profile;
  const now = computeMoments(column);
  if (min === null || max === null || mean === null || sd === null || now.count === 0) return [];
  const factor = findScaleChange(now, profile);
  if (factor !== undefined) {
    const message = `The quantiles of '${profile.name}' changed by one factor, ${Number(factor.toPrecision(3))}: its unit seems to have changed.`;
    return [{ code: 'SCALE_CHANGED', severity: 'error', column: profile.name, message }];
  }
  return [...compareRange(now, profile.name, min, max), ...compareMean(now, profile.name, mean, sd)];
}

function compareRange(now: Moments, name: string, min: number, max: number): Finding[] {
  const share = shareOutside(now.sorted, min, max);
  if (share <= tolerableShare(0, now.count)) return [];
  const severity = share > 0.1 ? 'error' : 'warning';
  const message = `${percent(share)} of '${name}' lies outside the previous range ${min} to ${max}.`;
  return [{ code: 'LEFT_PREVIOUS_RANGE', severity, column: name, message }];
}

function compareMean(now: Moments, name: string, mean: number, sd: number): Finding[] {
  const shift = sd > 0 ? Math.abs(now.mean - mean) / sd : 0;
  if (shift < SHIFT_WARNING) return [];
  const severity = shift >= SHIFT_ERROR ? 'error' : 'warning';
  const message = `The mean of '${name}' moved from ${show(mean)} to ${show(now.mean)}, ${show(shift)} standard deviations.`;
  return [{ code: 'MEAN_SHIFTED', severity, column: name, message }];
}

/** The one factor by which the quantiles changed, or undefined when there is none. */
function findScaleChange(now: Moments, { edges, counts, rows, missing }: NumericProfile): number | undefined {
  let below = 0;
  const ratios = edges.flatMap((before, bin) => {
    below += counts[bin]!;
    const share = below / (rows - missing);
    const after = now.sorted[Math.floor(share * (now.count - 1))]!;
    // The tails are thin, and a factor means nothing across zero.
    return share >= 0.05 && share <= 0.95 && before * after > 0 ? [Math.log(after / before)] : [];
  });
  if (ratios.length < SCALE_LEAST_QUANTILES) return undefined;
  const middle = ratios.toSorted((a, b) => a - b)[ratios.length >> 1]!;
  const agreeing = ratios.filter((ratio) => Math.abs(ratio - middle) <= SCALE_SPREAD).length;
  const isOneFactor = agreeing >= SCALE_AGREEMENT * ratios.length;
  return isOneFactor && Math.abs(middle) >= SCALE_LEAST ? Math.exp(middle) : undefined;
}

function compareCategories(column: CategoryColumn, profile: CategoricalProfile): Finding[] {
  const present = profile.rows - profile.missing;
  const share = shareUnknown(column, new Set(profile.values.map(([value]) => value)));
  // Values that the profile did not name, and those it can expect to meet for the first time.
  const expected = present === 0 ? 0 : (profile.other + profile.singletons) / present;
  if (share <= tolerableShare(Math.min(1, expected), column.codes.length)) return [];
  const severity = share > expected + 0.1 ? 'error' : 'warning';
  const message = `${percent(share)} of '${profile.name}' has a value that the previous version did not name.`;
  return [{ code: 'NEW_CATEGORIES', severity, column: profile.name, message }];
}

function show(value: number): string {
  return String(Number(value.toPrecision(4)));
}
