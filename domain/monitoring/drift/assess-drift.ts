import type { ColumnProfile } from '../../shared/profile/profile.ts';
import type { CategoricalSketch, ColumnSketch, NumericSketch, Sketch } from '../sketch.ts';
import { type Comparison, compareSketch } from './binned-statistics.ts';
import { standardisedShift, testCategoricalBody, testNumericBody } from './body-test.ts';
import { testCategories, testNewCategories } from './category-tests.ts';
import { type ColumnCounts, columnCounts, currentFacts, referenceFacts } from './column-counts.ts';
import { correctTests, type DriftEvidence } from './drift-evidence.ts';
import {
  type ColumnDrift,
  type DriftReport,
  type DriftTest,
  FALSE_ALARM_RATE,
  type JointDrift,
  MIN_WINDOW_ROWS,
} from './drift-report.ts';
import { testJoint } from './joint-test.ts';
import { testMissing } from './missing-test.ts';
import { isAtLeast, overallVerdict, worstVerdict } from './overall-verdict.ts';
import { psiThreshold } from './psi-threshold.ts';
import { testTails } from './tail-test.ts';

export interface AssessDriftOptions {
  /** @default 5e-5 a window */
  readonly falseAlarmRate?: number;
  /** @default 30 */
  readonly minRows?: number;
  /** Features that are not captured as they are (dropped, hashed): they would look as if all were missing. */
  readonly ignore?: readonly string[];
}

interface ColumnWork {
  readonly profile: ColumnProfile;
  readonly sketch: ColumnSketch;
  readonly role: ColumnDrift['role'];
  readonly counts: ColumnCounts;
  readonly evidence: readonly DriftEvidence[];
}

/**
 * Compares a window with the profile it was sketched on: effect size and evidence together, per column, for
 * the columns together and for the whole. Pure arithmetic on counts: milliseconds, whatever the rows.
 */
export function assessDrift(sketch: Sketch, options: AssessDriftOptions = {}): DriftReport {
  const minRows = options.minRows ?? MIN_WINDOW_ROWS;
  const ignored = new Set(options.ignore);
  const watched = listColumns(sketch).filter(
    ({ role, profile }) => role !== 'feature' || !ignored.has(profile.name),
  );
  const work = watched.map((column) => gatherEvidence(column, minRows));
  const joint = sketch.rows >= minRows ? testJoint(sketch, ignored) : null;
  const evidence = [...work.flatMap((column) => column.evidence), ...(joint ? [joint.evidence] : [])];
  const tests = correctTests(evidence, options.falseAlarmRate ?? FALSE_ALARM_RATE);
  let next = 0;
  const columns = work.map((column) => {
    const own = tests.slice(next, next + column.evidence.length);
    next += column.evidence.length;
    return describeColumn(column, own, minRows);
  });
  const jointDrift = describeJoint(sketch, joint, tests.slice(next));
  const importances = new Map(
    sketch.profile.columns.flatMap(({ name, importance }) =>
      importance === undefined ? [] : [[name, importance]],
    ),
  );
  return {
    rows: { reference: sketch.profile.rows, current: sketch.rows },
    columns,
    joint: jointDrift,
    ...overallVerdict(columns, jointDrift, importances),
  };
}

type ListedColumn = Pick<ColumnWork, 'profile' | 'sketch' | 'role'>;

function listColumns(sketch: Sketch): ListedColumn[] {
  const { profile } = sketch;
  const listed: ListedColumn[] = profile.columns.map((column, i) => ({
    profile: column,
    sketch: sketch.columns[i]!,
    role: 'feature',
  }));
  if (profile.prediction && sketch.prediction) {
    listed.push({ profile: profile.prediction, sketch: sketch.prediction, role: 'prediction' });
  }
  if (profile.score && sketch.score) {
    listed.push({ profile: profile.score, sketch: sketch.score, role: 'score' });
  }
  return listed;
}

function gatherEvidence(column: ListedColumn, minRows: number): ColumnWork {
  const counts = columnCounts(column.profile, column.sketch);
  if (counts.currentRows < minRows || column.profile.rows < minRows)
    return { ...column, counts, evidence: [] };
  const found: (DriftEvidence | null)[] = [testMissing(column.profile, column.sketch, counts.currentRows)];
  if (counts.currentPresent >= minRows && counts.referencePresent >= minRows) {
    found.push(...testValues(column.profile, column.sketch, counts));
  }
  return { ...column, counts, evidence: found.filter((evidence) => evidence !== null) };
}

function testValues(
  profile: ColumnProfile,
  sketch: ColumnSketch,
  counts: ColumnCounts,
): (DriftEvidence | null)[] {
  if (profile.kind === 'numeric') {
    return [
      testNumericBody(profile, counts),
      testTails(profile, sketch as NumericSketch, counts.currentPresent),
    ];
  }
  return [
    testCategoricalBody(profile, counts),
    testCategories(profile, counts),
    testNewCategories(profile, sketch as CategoricalSketch, counts),
  ];
}

function describeColumn(work: ColumnWork, tests: readonly DriftTest[], minRows: number): ColumnDrift {
  const { profile, sketch, role, counts, evidence } = work;
  const comparison: Comparison | null = compareSketch(profile, sketch, counts);
  const enough = tests.length > 0 || (counts.currentRows >= minRows && profile.rows >= minRows);
  const reasons = tests.flatMap(({ verdict }, i) =>
    isAtLeast(verdict, 'MODERATE') ? [evidence[i]!.sentence] : [],
  );
  return {
    column: profile.name,
    kind: profile.kind,
    role,
    reference: referenceFacts(profile),
    current: currentFacts(sketch, counts),
    statistics: comparison?.statistics ?? {},
    pValues: comparison?.pValues ?? {},
    ...(comparison?.errors && { errors: comparison.errors }),
    psiThreshold: psiThreshold(profile, counts),
    shift: profile.kind === 'numeric' ? standardisedShift(profile, counts) : null,
    tests,
    verdict: enough ? worstVerdict(tests.map(({ verdict }) => verdict)) : 'INSUFFICIENT_DATA',
    reasons: enough ? reasons : [`${counts.currentRows} rows; a verdict needs ${minRows} on both sides.`],
  };
}

function describeJoint(
  sketch: Sketch,
  found: ReturnType<typeof testJoint>,
  tests: readonly DriftTest[],
): JointDrift {
  const pairs = sketch.profile.joint?.pairs.length ?? 0;
  if (found === null) {
    const reason =
      pairs === 0
        ? 'No columns move together in the reference.'
        : 'Too few rows or columns are captured for correlations.';
    return { pairs, largest: null, tests: [], verdict: 'INSUFFICIENT_DATA', reasons: [reason] };
  }
  const verdict = worstVerdict(tests.map((test) => test.verdict));
  const reasons = isAtLeast(verdict, 'MODERATE') ? [found.evidence.sentence] : [];
  return { pairs, largest: found.largest, tests, verdict, reasons };
}
