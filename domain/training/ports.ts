import type { CallContext } from '../shared/call-context.ts';

/** A version of a dataset as training sees it. */
export interface TrainingDataset {
  readonly dataset: string;
  readonly version: number;
  readonly status: 'PENDING' | 'CHECKING' | 'READY' | 'REFUSED';
  readonly reasons: readonly string[];
  /** Prefix of its files in the dataset bucket. */
  readonly prefix: string;
  readonly digest: string | undefined;
  readonly rows: number | undefined;
  readonly columns: readonly { readonly name: string; readonly kind: string }[];
}

/** Captured rows of an endpoint that become a new version of a dataset. */
export interface CaptureRequest {
  readonly endpoint: string;
  /** Times as the API writes them; `to` is not included. */
  readonly from: string;
  readonly to: string;
  readonly label: string;
  readonly timeColumn: string;
  /** Whether they come after the rows of the newest READY version. */
  readonly append: boolean;
}

/** Datasets as training needs them. */
export interface TrainingDatasets {
  /** Undefined when there is no such version. */
  find(tenant: string, dataset: string, version: number | 'latest'): Promise<TrainingDataset | undefined>;
  /** The newest READY version below `before`; undefined when there is none. */
  findReadyBefore(tenant: string, dataset: string, before: number): Promise<TrainingDataset | undefined>;
  /** Gives captured rows a version number; they are read when the execution begins. */
  addCaptures(context: CallContext, dataset: string, request: CaptureRequest): Promise<number>;
}

/** The state machine `train-model`. */
export interface TrainingRunner {
  /** Starting twice is starting once: the execution's id is the name of the machine's execution. */
  start(input: TrainingCall): Promise<void>;
  /** Stops the machine's execution; one that has ended, or never began, is left alone. */
  stop(executionId: string, reason: string): Promise<void>;
  /** Undefined when Step Functions does not know it. */
  describe(executionId: string): Promise<RunnerState | undefined>;
}

export interface RunnerState {
  readonly running: boolean;
  /** What Step Functions says about its end. */
  readonly error?: string | undefined;
}

/** What every state of the machine is told. */
export interface TrainingCall {
  readonly tenant: string;
  /** Who started the execution: the author of what it makes. */
  readonly actor: string;
  /** The execution's id too, for log and audit. */
  readonly requestId: string;
  readonly executionId: string;
}

/** What is known of an execution when it is logged. */
export interface LoggedExecution {
  readonly id: string;
  readonly pipeline: string;
  readonly createdAt: string;
}

/** Executions as runs of an MLflow experiment that is called as the pipeline. */
export interface TrainingLog {
  /** Makes the experiment and the run unless they are there. @returns the run's id */
  begin(context: CallContext, execution: LoggedExecution): Promise<string>;
  log(context: CallContext, runId: string, entries: LogEntries): Promise<void>;
  /** A run that has ended stays as it is. */
  end(context: CallContext, runId: string, status: 'FINISHED' | 'FAILED' | 'KILLED'): Promise<void>;
  /** Where the run's artifacts lie in the artifact bucket, ending with `/`. */
  findArtifactPrefix(tenant: string, runId: string): Promise<string>;
}

export interface LogEntries {
  readonly params?: Readonly<Record<string, string>>;
  readonly metrics?: Readonly<Record<string, number>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly dataset?: { readonly name: string; readonly version: number; readonly digest: string };
}

/** Copies of rows, and what was made of them, that live as long as an execution runs. */
export interface WorkFolders {
  remove(tenant: string, executionId: string): Promise<void>;
}
