import { createHash } from 'node:crypto';
import type { ScoreRange } from '../shared/observation.ts';
import type { Grants } from '../shared/permission.ts';
import type { Item, Key, Store } from '../shared/store.ts';
import { ModelNotFoundError, ModelVersionNotFoundError } from './errors.ts';
import type { ApprovalInput, Lineage, Stage, Task, VersionStatus } from './shapes.ts';

/** A model as it is stored; its partition is its id, so that renaming moves nothing. */
export interface ModelRecord {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly task?: Task | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly aliases: Readonly<Record<string, number>>;
  readonly grants?: Grants | undefined;
  /** Versions by semver label. */
  readonly labels: Readonly<Record<string, number>>;
  /** The newest version in each stage that has one. */
  readonly latest: Readonly<Partial<Record<Stage, number>>>;
  /** Highest number ever given; numbers of deleted versions are not used again. */
  readonly lastVersion: number;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly updatedAt: string;
  /** MLflow's last_updated_timestamp: versions and the description count, tags and aliases do not. */
  readonly contentUpdatedAt: string;
  readonly renamedAt?: string | undefined;
}

export interface Decision extends ApprovalInput {
  readonly id: string;
  readonly version: number;
  readonly decidedBy: string;
  readonly decidedAt: string;
}

export interface VersionOrigin {
  readonly kind: 'upload' | 'run' | 'training' | 'mlflow';
  /** As the caller named it. */
  readonly uri: string;
  /** Where the files are copied from; absent when there is nothing that the platform could copy. */
  readonly prefix?: string | undefined;
  readonly files?: readonly { readonly path: string; readonly bytes: number }[] | undefined;
}

/** What only MLflow's routes show. */
export interface MlflowFields {
  readonly runLink?: string | undefined;
  /** Logged model that the version was made from. */
  readonly modelId?: string | undefined;
  /** Where MLflow's client downloads from; the source itself when absent. */
  readonly downloadUri?: string | undefined;
}

export interface VersionRecord {
  readonly modelId: string;
  readonly number: number;
  readonly status: VersionStatus;
  readonly reasons: readonly string[];
  readonly servable: boolean;
  readonly notServableBecause?: string | undefined;
  readonly description: string;
  readonly task?: Task | undefined;
  readonly semver?: string | undefined;
  readonly stage: Stage;
  readonly tags: Readonly<Record<string, string>>;
  readonly decision?: Decision | undefined;
  readonly origin: VersionOrigin;
  readonly mlflow?: MlflowFields | undefined;
  /** What the files' MLmodel says of them. */
  readonly flavors?: readonly string[] | undefined;
  readonly loaderModule?: string | undefined;
  readonly mlflowVersion?: string | undefined;
  readonly modelUuid?: string | undefined;
  readonly modelSizeBytes?: number | undefined;
  /** Prefix of the version's own, immutable files. */
  readonly prefix: string;
  readonly signature?: Readonly<Record<string, unknown>> | undefined;
  readonly signatureFrom?: 'caller' | 'graph' | undefined;
  readonly tolerance?: number | undefined;
  readonly hasExample: boolean;
  readonly hasProfile: boolean;
  readonly scoreRange?: ScoreRange | undefined;
  readonly check?:
    | {
        readonly loadMs: number;
        readonly maxDifference?: number | undefined;
        readonly tolerance?: number | undefined;
        readonly warnings: readonly string[];
      }
    | undefined;
  readonly metrics: Readonly<Record<string, number>>;
  readonly lineage: Lineage;
  readonly manifest?:
    | {
        readonly files: readonly { readonly path: string; readonly sha256: string; readonly bytes: number }[];
        readonly rootDigest: string;
        readonly statementDigest: string;
        readonly keyHint: string;
        readonly signedAt: string;
      }
    | undefined;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly updatedAt: string;
  /** MLflow's last_updated_timestamp, once stage or description changed: neither tags nor the check count. */
  readonly contentUpdatedAt?: string | undefined;
}

export type ModelItem = Item<ModelRecord>;
export type VersionItem = Item<VersionRecord>;

/** The list of all models, newest first. */
export const MODEL_LIST = 'models';

const PAGE = 1000;
/** Of this many bytes a name is in its key as it is: a sort key holds 1,024. */
const PLAIN_NAME_BYTES = 900;

/** All names of a tenant are one partition, so that they are listed in order (domain/registry/list-models.ts). */
export const NAMES = { kind: 'model-name', id: 'all' } as const;

export interface NameEntry {
  readonly name: string;
  readonly modelId: string;
  readonly renamedAt?: string | undefined;
  /** The model's own, so that a search leaves out what the caller may not read. */
  readonly grants?: Grants | undefined;
}

export function nameKey(tenant: string, name: string): Key {
  return { tenant, ...NAMES, part: namePart(name) };
}

/** Orders as the name; only names that differ beyond 900 bytes are told apart by a digest. */
export function namePart(name: string): string {
  const bytes = Buffer.from(name);
  if (bytes.length <= PLAIN_NAME_BYTES) return `name#${name}`;
  const start = new TextDecoder().decode(bytes.subarray(0, PLAIN_NAME_BYTES), { stream: true });
  return `name#${start}#${createHash('sha256').update(name).digest('hex')}`;
}

export function modelKey(tenant: string, modelId: string, part?: string): Key {
  return { tenant, kind: 'model', id: modelId, ...(part === undefined ? {} : { part }) };
}

/** Prefix in the artifact bucket of the files of all versions of a model. */
export function modelPrefix(tenant: string, modelId: string): string {
  return `tenants/${tenant}/models/${modelId}/`;
}

/** Six digits keep versions in order as text. */
export function versionPart(number: number): string {
  return `version#${String(number).padStart(6, '0')}`;
}

export function versionKey(tenant: string, modelId: string, number: number): Key {
  return modelKey(tenant, modelId, versionPart(number));
}

/** How events and lineage name a version. */
export function versionResource(model: string, version: number): string {
  return `models/${model}/versions/${version}`;
}

export async function findModel(store: Store, tenant: string, name: string): Promise<ModelItem | undefined> {
  const entry = await store.get<NameEntry>(nameKey(tenant, name));
  return entry === undefined ? undefined : store.get<ModelRecord>(modelKey(tenant, entry.value.modelId));
}

/** @throws ModelNotFoundError */
export async function getModelItem(store: Store, tenant: string, name: string): Promise<ModelItem> {
  const item = await findModel(store, tenant, name);
  if (item === undefined) throw new ModelNotFoundError(name);
  return item;
}

/** All versions of a model, newest first, read consistently. */
export async function* eachVersion(
  store: Store,
  tenant: string,
  modelId: string,
): AsyncGenerator<VersionItem> {
  let cursor: string | undefined;
  do {
    const partition = { tenant, kind: 'model', id: modelId };
    const page = await store.listParts<VersionRecord>(partition, 'version#', { limit: PAGE, cursor });
    yield* page.items;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}

/** Finds a version by number, semver label or `@alias`; `@latest` is the newest that exists. */
export async function findVersionItem(
  store: Store,
  tenant: string,
  model: ModelRecord,
  ref: string | number,
): Promise<VersionItem | undefined> {
  const text = String(ref);
  if (text.toLowerCase() === '@latest') {
    for await (const item of eachVersion(store, tenant, model.id)) return item;
    return undefined;
  }
  const number = toVersionNumber(model, text);
  return number === undefined ? undefined : store.get<VersionRecord>(versionKey(tenant, model.id, number));
}

function toVersionNumber(model: ModelRecord, ref: string): number | undefined {
  if (/^\d{1,6}$/.test(ref)) return Number(ref);
  return ref.startsWith('@') ? lookUp(model.aliases, ref.slice(1)) : lookUp(model.labels, ref);
}

/** Own entries only: an alias may be called `constructor`. */
export function lookUp(entries: Readonly<Record<string, number>>, name: string): number | undefined {
  return Object.hasOwn(entries, name) ? entries[name] : undefined;
}

export interface ModelAndVersion {
  readonly model: ModelItem;
  readonly version: VersionItem;
}

/** @throws ModelNotFoundError, ModelVersionNotFoundError */
export async function getVersionItem(
  store: Store,
  tenant: string,
  name: string,
  ref: string | number,
): Promise<ModelAndVersion> {
  const model = await getModelItem(store, tenant, name);
  const version = await findVersionItem(store, tenant, model.value, ref);
  if (version === undefined) throw new ModelVersionNotFoundError(name, ref);
  return { model, version };
}
