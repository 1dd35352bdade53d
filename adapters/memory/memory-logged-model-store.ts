import { AlreadyExistsError, ConcurrentChangeError } from '../../domain/shared/domain-error.ts';
import type { Change, Page, Store } from '../../domain/shared/store.ts';
import { type Experiment, experimentKey } from '../../domain/tracking/experiments/experiment.ts';
import { type LoggedModel, parseModelId } from '../../domain/tracking/logged-models/logged-model.ts';
import type {
  LoggedModelPage,
  LoggedModelStore,
  StoredLoggedModel,
} from '../../domain/tracking/logged-models/ports.ts';

/** Logged models without AWS, for tests of use cases; the contract suite holds it to the DynamoDB store. */
export class MemoryLoggedModelStore implements LoggedModelStore {
  readonly #store: Store;
  readonly #models = new Map<string, Omit<StoredLoggedModel, 'experiment'>>();

  /** @param store where the experiments are, and where changes beside the models' go */
  constructor(store: Store) {
    this.#store = store;
  }

  async create(tenant: string, model: LoggedModel, changes?: readonly Change[]): Promise<void> {
    const key = `${tenant}/${model.modelId}`;
    if (this.#models.has(key)) throw new AlreadyExistsError('logged model', model.modelId);
    await this.#put(key, model, 1, changes);
  }

  async find(tenant: string, modelId: string): Promise<StoredLoggedModel | undefined> {
    const stored = this.#models.get(`${tenant}/${modelId}`);
    const [experiment] = await this.findExperiments(tenant, [stored?.model.experimentId ?? '']);
    return stored && experiment && structuredClone({ ...stored, experiment });
  }

  async findExperiments(tenant: string, experimentIds: readonly string[]): Promise<Experiment[]> {
    const items = await Promise.all(
      experimentIds.map((id) => this.#store.get<Experiment>(experimentKey(tenant, id))),
    );
    return items.flatMap((item) => (item === undefined ? [] : [item.value]));
  }

  async save(tenant: string, model: LoggedModel, expect: number, changes?: readonly Change[]): Promise<void> {
    const key = `${tenant}/${model.modelId}`;
    if (this.#models.get(key)?.revision !== expect)
      throw new ConcurrentChangeError(`Logged model ${model.modelId} was changed meanwhile.`);
    await this.#put(key, model, expect + 1, changes);
  }

  async remove(tenant: string, modelId: string): Promise<void> {
    this.#models.delete(`${tenant}/${modelId}`);
  }

  async list(
    tenant: string,
    experimentId: string,
    { limit, cursor }: LoggedModelPage,
  ): Promise<Page<LoggedModel>> {
    const models = [...this.#models]
      .filter(([key, { model }]) => key.startsWith(`${tenant}/`) && model.experimentId === experimentId)
      .map(([, { model }]) => model)
      .sort(byAgeThenId);
    const last =
      cursor === undefined ? undefined : { creationTimestamp: 0, ...parseModelId(cursor), modelId: cursor };
    const rest = last === undefined ? models : models.filter((model) => byAgeThenId(model, last) > 0);
    const items = structuredClone(rest.slice(0, limit));
    return { items, nextCursor: rest.length > limit ? (items.at(-1)?.modelId ?? null) : null };
  }

  async #put(
    key: string,
    model: LoggedModel,
    revision: number,
    changes: readonly Change[] = [],
  ): Promise<void> {
    this.#models.set(key, structuredClone({ model, revision }));
    if (changes.length > 0) await this.#store.commit(changes);
  }
}

type Place = Pick<LoggedModel, 'creationTimestamp' | 'modelId'>;

function byAgeThenId(a: Place, b: Place): number {
  if (a.creationTimestamp !== b.creationTimestamp) return b.creationTimestamp - a.creationTimestamp;
  return a.modelId < b.modelId ? -1 : a.modelId > b.modelId ? 1 : 0;
}
