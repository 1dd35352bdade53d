import { createHash } from 'node:crypto';
import type { MlflowRun, Tag } from './wire.ts';

/** Tags that say where a copy comes from; a repeated move finds by them what is there. */
export const MARK = {
  from: 'perennial.importedFrom',
  experiment: 'perennial.importedExperimentId',
  run: 'perennial.importedRunId',
  model: 'perennial.importedModelId',
  /** Number that a version was made for; one that got another was to be deleted. */
  version: 'perennial.importedVersion',
  /** Set when a copy is complete: what the original was like then. */
  state: 'perennial.importedState',
} as const;

const MARKS: readonly string[] = Object.values(MARK);
/** Written by servers themselves, from the run's name and when a version is registered. */
const SERVERS_OWN = ['mlflow.runName', 'mlflow.modelVersions'];

export function readTag(tags: readonly Tag[] | undefined, key: string): string | undefined {
  return tags?.find((tag) => tag.key === key)?.value;
}

/** The tags that people and their tools wrote. */
export function withoutMarks(tags: readonly Tag[] | undefined): readonly Tag[] {
  return (tags ?? []).filter(({ key }) => !MARKS.includes(key));
}

/** The tags that both sides must have in the same number. */
export function comparableTags(tags: readonly Tag[] | undefined): readonly Tag[] {
  return withoutMarks(tags).filter(({ key }) => !SERVERS_OWN.includes(key));
}

/** What `state` holds of a run: changes when anything does that a search shows of it. */
export function digestRun({ info, data, inputs, outputs }: MlflowRun): string {
  const { status, end_time, lifecycle_stage, run_name } = info;
  const seen = [status, end_time, lifecycle_stage, run_name, data, inputs ?? {}, outputs ?? {}];
  return digest(seen);
}

/** Servers give lists in no promised order. */
export function digest(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(value)))
    .digest('hex')
    .slice(0, 16);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => JSON.stringify(sorted(item))).sort();
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, field]) => [key, JSON.stringify(sorted(field))].join(':'));
}
