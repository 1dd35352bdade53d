import type { DriftTest, DriftTestName, DriftVerdict } from './drift-report.ts';

/** What one test found, before the correction over all tests of the window. */
export interface DriftEvidence {
  readonly test: DriftTestName;
  readonly effect: number;
  readonly pValue: number;
  readonly size: DriftVerdict;
  /** What changed, as a sentence with its numbers. */
  readonly sentence: string;
}

/** Smallest p-value that is told apart from 0. */
const SMALLEST = 1e-300;

/**
 * Holm's correction: the chance of any false verdict among all tests stays below the rate, whatever depends on
 * what. Tests that could not have failed (nothing missing on either side) are not handed in and cost nothing.
 */
export function correctTests(evidence: readonly DriftEvidence[], falseAlarmRate: number): DriftTest[] {
  const order = evidence.map((_, i) => i).sort((a, b) => evidence[a]!.pValue - evidence[b]!.pValue);
  const corrected = new Array<number>(evidence.length).fill(1);
  let largest = 0;
  order.forEach((index, rank) => {
    largest = Math.max(largest, Math.min(1, evidence[index]!.pValue * (evidence.length - rank)));
    corrected[index] = largest;
  });
  return evidence.map(({ test, effect, pValue, size }, i) => ({
    test,
    effect,
    pValue,
    correctedPValue: corrected[i]!,
    size,
    verdict: corrected[i]! < falseAlarmRate ? size : 'NONE',
  }));
}

/** A p-value for a sentence. */
export function describeP(pValue: number): string {
  if (pValue < SMALLEST) return 'p < 1e-300';
  return pValue < 0.001 ? `p ${pValue.toExponential(0)}` : `p ${pValue.toFixed(3)}`;
}
