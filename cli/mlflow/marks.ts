import { createHash } from 'node:crypto';
import type { MlflowRun, ModelVersion, Tag } from './wire.ts';

/** Tags that say where a copy comes from; a repeated move finds by them what is there. */
export const MARK = {
  from: 'perennial.importedFrom',
  experiment: 'perennial.importedExperimentId',
  run: 'perennial.importedRunId',
  model: 'perennial.importedModelId',
  /** `name/number` that a version was made for. */
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

type NamedVersion = Pick<ModelVersion, 'name' | 'version' | 'tags'>;

/** What marks the copy of a version. */
export function versionMarks(from: string, { name, version }: NamedVersion): Tag[] {
  return [
    { key: MARK.from, value: from },
    { key: MARK.version, value: `${name}/${version}` },
  ];
}

/** MLflow's `copy_model_version` copies tags too: only under its own name and number a version is a move's. */
export function isCopyFrom(from: string, version: NamedVersion): boolean {
  return versionMarks(from, version).every(({ key, value }) => readTag(version.tags, key) === value);
}

/** A version that only used a number up, when the move was stopped before it could delete it. */
export function isFiller(from: string, { name, version, tags }: NamedVersion): boolean {
  const [, number] = readTag(tags, MARK.version)?.split(`${name}/`) ?? [];
  return readTag(tags, MARK.from) === from && number !== undefined && Number(version) < Number(number);
}

/** Tags that are absent or have another value. */
export function missingTags(wanted: readonly Tag[], there: readonly Tag[] | undefined): readonly Tag[] {
  return wanted.filter(({ key, value }) => readTag(there, key) !== value);
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
