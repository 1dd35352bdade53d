import type { Change, Page } from '../../shared/store.ts';
import type { Experiment } from '../experiments/experiment.ts';
import type { LoggedModel } from './logged-model.ts';

/** A model, the revision to save it over, and its experiment, which says who may touch it. */
export interface StoredLoggedModel {
  readonly model: LoggedModel;
  readonly revision: number;
  readonly experiment: Experiment;
}

export interface LoggedModelPage {
  readonly limit: number;
  /** The id of the last model that was seen. */
  readonly cursor?: string | undefined;
}

/** MLflow 3's logged models. Reads are strongly consistent; each method is one call to the store. */
export interface LoggedModelStore {
  /** Keeps a new model, with changes of the platform's store in the same transaction. @throws AlreadyExistsError */
  create(tenant: string, model: LoggedModel, changes?: readonly Change[]): Promise<void>;
  /** The model, active or deleted; undefined when it, or its experiment, is not there. */
  find(tenant: string, modelId: string): Promise<StoredLoggedModel | undefined>;
  /**
   * Saves a changed model, with changes of the platform's store in the same transaction.
   *
   * @throws ConcurrentChangeError when the revision is another one, LoggedModelTooLargeError
   */
  save(tenant: string, model: LoggedModel, expect: number, changes?: readonly Change[]): Promise<void>;
  /** Takes the model away for good; one that is not there is no error. */
  remove(tenant: string, modelId: string): Promise<void>;
  /** Those that are there, in the order of the ids. */
  findExperiments(tenant: string, experimentIds: readonly string[]): Promise<readonly Experiment[]>;
  /** An experiment's models, deleted ones too: creation time descending, then id. A page may be short. */
  list(tenant: string, experimentId: string, page: LoggedModelPage): Promise<Page<LoggedModel>>;
}
