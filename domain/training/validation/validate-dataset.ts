import type { Profile } from '../../shared/profile/profile.ts';
import type { Table } from '../../shared/table.ts';
import { checkExpectations, type DatasetExpectations } from './check-expectations.ts';
import { compareWithPrevious } from './compare-with-previous.ts';
import type { Finding } from './finding.ts';

/** Findings on a data set, errors first: against what is expected of it, and against the version before. */
export function validateDataset(
  table: Table,
  expectations: DatasetExpectations,
  nowMs: number,
  previous?: Profile,
): Finding[] {
  const findings = [
    ...checkExpectations(table, expectations, nowMs),
    ...(previous === undefined ? [] : compareWithPrevious(table, previous)),
  ];
  const isError = ({ severity }: Finding) => (severity === 'error' ? 0 : 1);
  return findings.toSorted((a, b) => isError(a) - isError(b));
}
