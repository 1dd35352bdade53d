import { createTrainingLog } from '../../adapters/dynamodb/training-log.ts';
import { MemoryArtifactStorage } from '../../adapters/memory/memory-artifact-storage.ts';
import { MemoryRunStore } from '../../adapters/memory/memory-run-store.ts';
import { MemoryStore } from '../../adapters/memory/memory-store.ts';
import { createWorkFolders } from '../../adapters/s3/training-work.ts';
import { datasetVersionKey } from '../../domain/datasets/dataset-records.ts';
import { addPendingVersion, createDataset } from '../../domain/datasets/manage-datasets.ts';
import { createTrainingDatasets } from '../../domain/datasets/training-datasets.ts';
import { createPipeline } from '../../domain/training/manage-pipelines.ts';
import { type PipelineInput, pipelineInput } from '../../domain/training/pipeline-contract.ts';
import type { RunnerState, TrainingCall, TrainingRunner } from '../../domain/training/ports.ts';
import { startExecution } from '../../domain/training/start-training.ts';
import { makeTestContext } from './call-context.ts';

const UPLOAD = { kind: 'upload', uploadId: 'upl_00000000000000000000000001' } as const;

/** The settings of a pipeline on generated rows, with the contract's defaults. */
export function makeSettings(input: Record<string, unknown> = {}): PipelineInput {
  return pipelineInput.parse({
    model: 'churn',
    dataset: 'rows',
    task: 'classification',
    label: { column: 'left' },
    timeColumn: 'at',
    ...input,
  });
}

/** Training's ports in memory: a dataset `rows`, a pipeline `weekly`, a machine that only remembers. */
export class TrainingWorld implements TrainingRunner {
  readonly store = new MemoryStore();
  readonly runs = new MemoryRunStore(this.store);
  readonly files = new MemoryArtifactStorage();
  readonly started: TrainingCall[] = [];
  readonly stopped: string[] = [];
  readonly states = new Map<string, RunnerState>();

  async start(call: TrainingCall): Promise<void> {
    this.started.push(call);
  }

  async stop(executionId: string): Promise<void> {
    this.stopped.push(executionId);
  }

  async describe(executionId: string): Promise<RunnerState | undefined> {
    return this.states.get(executionId);
  }

  get deps() {
    const { store, runs, files } = this;
    return {
      store,
      runner: this as TrainingRunner,
      datasets: createTrainingDatasets(store),
      log: createTrainingLog(store, runs),
      work: createWorkFolders(files),
    };
  }

  /** A pipeline, and READY versions of its dataset. */
  async prepare(versions = 1): Promise<this> {
    const context = makeTestContext();
    await createDataset(this.store, context, { name: 'rows', description: '', tags: {} });
    for (let i = 0; i < versions; i++) await this.addVersion('READY');
    await createPipeline(this.store, context, { name: 'weekly', ...makeSettings() });
    return this;
  }

  async addVersion(status: 'READY' | 'REFUSED' | 'PENDING'): Promise<number> {
    const { version } = await addPendingVersion(this.store, makeTestContext(), 'rows', UPLOAD);
    const item = await this.store.get<object>(datasetVersionKey('acme', 'rows', version));
    const reasons = status === 'REFUSED' ? ['The files hold no rows.'] : [];
    const value = { ...item!.value, status, reasons };
    await this.store.commit([{ put: item!.key, value, expect: item!.revision }]);
    return version;
  }

  execute(request: Partial<Parameters<typeof startExecution>[2]> = {}, context = makeTestContext()) {
    return startExecution(this.deps, context, {
      pipeline: 'weekly',
      source: { kind: 'existing', version: 'latest' },
      trigger: 'request',
      cause: null,
      ...request,
    });
  }

  eventTypes(): string[] {
    return this.store.events.map(({ detailType }) => detailType);
  }
}
