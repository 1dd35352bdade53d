import { MemoryArtifactStorage } from '../../adapters/memory/memory-artifact-storage.ts';
import { MemoryModelChecker } from '../../adapters/memory/memory-model-checker.ts';
import { MemorySigningKey } from '../../adapters/memory/memory-signing-key.ts';
import { MemoryStore } from '../../adapters/memory/memory-store.ts';
import { parseYaml } from '../../adapters/yaml/parse-yaml.ts';
import { checkModelVersion } from '../../domain/registry/check-model-version.ts';
import { createUpload } from '../../domain/registry/create-upload.ts';
import { createModel } from '../../domain/registry/manage-models.ts';
import { putModelPolicy } from '../../domain/registry/model-policy.ts';
import type { CheckRequest, CheckStarter, KnownLoggedModel, KnownRun } from '../../domain/registry/ports.ts';
import { registerModelVersion } from '../../domain/registry/register-model-version.ts';
import { type ModelInput, policyInput } from '../../domain/registry/shapes.ts';
import { versionInput } from '../../domain/registry/version-shapes.ts';
import type { CallContext } from '../../domain/shared/call-context.ts';
import { ForbiddenError } from '../../domain/shared/domain-error.ts';
import { makeTestContext } from './call-context.ts';

/** The registry's ports in memory; a submitted version is checked at once unless `checksRun` is false. */
export class RegistryWorld {
  readonly store = new MemoryStore();
  readonly storage = new MemoryArtifactStorage();
  readonly checker = new MemoryModelChecker();
  readonly key = new MemorySigningKey();
  readonly knownRuns = new Map<string, KnownRun>();
  readonly knownLoggedModels = new Map<string, KnownLoggedModel>();
  /** `<model id> <name>/<version>` of each version that a logged model was told of. */
  readonly links: string[] = [];
  readonly requests: CheckRequest[] = [];
  readonly pauses: number[] = [];
  checksRun = true;

  readonly runs = { find: async (_: string, runId: string) => this.knownRuns.get(runId) };
  readonly loggedModels = {
    find: async (_: string, modelId: string) => this.knownLoggedModels.get(modelId),
    link: async (_: CallContext, modelId: string, { name, version }: { name: string; version: number }) => {
      this.links.push(`${modelId} ${name}/${version}`);
    },
  };
  /** Paths of artifacts that were read. */
  readonly read: string[] = [];
  /** Paths that begin so may not be read. */
  secret = 'nothing';
  readonly gate = {
    requireRead: async (_: CallContext, path: string) => {
      this.read.push(path);
      if (path.startsWith(this.secret)) throw new ForbiddenError('This needs the permission READ.');
    },
  };
  readonly pause = async (milliseconds: number) => {
    this.pauses.push(milliseconds);
  };
  readonly checks: CheckStarter = {
    start: async (request) => {
      this.requests.push(request);
      if (this.checksRun) await this.check(request);
    },
    runToEnd: (request) => this.checks.start(request),
  };

  get deps() {
    const { store, storage, checker, key, runs, checks, loggedModels, pause, gate } = this;
    const keys = { signer: key, keys: key };
    return {
      ...{ store, storage, checker, runs, checks, loggedModels, pause, gate, parseYaml, ...keys },
      bucketName: 'artifacts',
    };
  }

  check({ tenant, actor, requestId, modelId, version }: CheckRequest) {
    const context = makeTestContext({ tenant, actor, requestId });
    return checkModelVersion(this.deps, context, { modelId, version });
  }

  model(name = 'churn', input: Partial<ModelInput> = {}, context = makeTestContext()) {
    return createModel(this.store, context, { name, description: '', tags: {}, ...input });
  }

  policy(input: Record<string, unknown>, name = 'churn') {
    return putModelPolicy(this.store, makeTestContext(), name, policyInput.parse(input));
  }

  /** An upload whose files have arrived. */
  async upload(files: Record<string, string>, name = 'churn', context = makeTestContext()) {
    const paths = Object.keys(files).map((path) => ({ path }));
    const upload = await createUpload(this.deps, context, name, { files: paths });
    for (const [path, text] of Object.entries(files)) {
      await this.storage.write(`tenants/${context.tenant}/uploads/${upload.id}/${path}`, Buffer.from(text));
    }
    return upload.id;
  }

  /** A version from an upload of one file. */
  async version(
    input: Record<string, unknown> = {},
    name = 'churn',
    context: CallContext = makeTestContext(),
  ) {
    const uploadId = await this.upload({ 'model.onnx': 'graph' }, name, context);
    const parsed = versionInput.parse({ source: { uploadId }, ...input });
    return registerModelVersion(this.deps, context, name, parsed);
  }

  eventTypes() {
    return this.store.events.map(({ detailType }) => detailType);
  }

  eventData(type: string) {
    return this.store.events.filter(({ detailType }) => detailType === type).map(({ data }) => data);
  }
}
