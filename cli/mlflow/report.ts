import { KINDS, type Tally } from './counts.ts';
import type { MoveReport } from './move.ts';

/** More lines than that nobody reads; `--json` has them all. */
const MAX_LINES = 30;

/** The counts of both sides beside each other, then what differs and what was not copied. */
export function describeReport({ from, to, counts, differences, problems }: MoveReport): string {
  const rows = KINDS.map((kind) => {
    const [source, target] = [counts.source[kind] ?? 0, counts.target[kind] ?? 0];
    return [kind, String(source), String(target), source === target ? '' : '≠'];
  });
  const table = toColumns([['', 'source', 'target', ''], ...rows]);
  const unequal = differences.map(
    ({ in: owner, kind, source, target }) =>
      `  ${owner}: ${kind} ${source} on the source, ${target} on the target`,
  );
  const failed = problems.map(({ what, reason }) => `  ${what}: ${reason}`);
  return [
    `${from} → ${to}`,
    table,
    ...toSection('What differs:', unequal),
    ...toSection('What was not copied:', failed),
  ].join('\n');
}

/** Experiments and models with what they hold, then the sums. */
export function describeSurvey(tally: Tally): string {
  const owners = tally.owners.map((owner) => {
    const counts = tally.of(owner);
    const held = KINDS.filter((kind) => (counts[kind] ?? 0) > 0).map((kind) => `${counts[kind]} ${kind}`);
    return `  ${owner}: ${held.join(', ')}`;
  });
  const sums = KINDS.map((kind) => [kind, String(tally.total[kind] ?? 0)]);
  return ['Would be copied:', ...owners, 'In all:', toColumns(sums)].join('\n');
}

function toSection(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const rest = lines.length > MAX_LINES ? [`  … and ${lines.length - MAX_LINES} more (--json has them)`] : [];
  return [title, ...lines.slice(0, MAX_LINES), ...rest];
}

function toColumns(rows: readonly (readonly string[])[]): string {
  const [first = []] = rows;
  const widths = first.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
