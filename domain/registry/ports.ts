import type { CallContext } from '../shared/call-context.ts';
import type { ScoreRange } from '../shared/observation.ts';
import type { ApprovalState, Lineage, PolicyInput, Stage, Task, VersionStatus } from './shapes.ts';

export interface StoredFile {
  /** Relative to the prefix that was listed. */
  readonly path: string;
  readonly bytes: number;
}

export interface PresignedPut {
  readonly url: string;
  /** Headers the caller must send as they are. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The bucket of uploads, run artifacts and model versions; keys and prefixes start with `tenants/<tenant>/`. */
export interface ArtifactStorage {
  /** All files below the prefix, which ends with `/`. */
  list(prefix: string): Promise<readonly StoredFile[]>;
  /** Undefined when there is no such file. */
  read(key: string): Promise<Uint8Array | undefined>;
  write(key: string, bytes: Uint8Array, contentType?: string): Promise<void>;
  /** Copies inside the bucket, whatever the size. */
  copy(fromKey: string, toKey: string): Promise<void>;
  delete(keys: readonly string[]): Promise<void>;
  /** SHA-256 of a file's bytes in hex, read as a stream; undefined when there is no such file. */
  digest(key: string): Promise<string | undefined>;
  presignPut(
    key: string,
    options: { bytes?: number | undefined; expiresInSeconds: number },
  ): Promise<PresignedPut>;
  presignGet(key: string, options: { expiresInSeconds: number }): Promise<string>;
}

/** The installation's signing key (ECC_NIST_P256); only its public half ever leaves the key store. */
export interface Signer {
  publicKeyPem(): Promise<string>;
  /** ECDSA signature in DER over the SHA-256 of the message. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/** The public halves that signatures are checked against, the current key first. */
export interface TrustedKeys {
  publicKeysPem(): Promise<readonly string[]>;
}

export interface ModelCheckInput {
  readonly prefix: string;
  /** Paths below the prefix: the graph, its external data, `example.json` and whatever else was sent. */
  readonly files: readonly StoredFile[];
  readonly modelFile: string;
  /** MLflow's JSON of the signature; absent, it is read from the graph. */
  readonly signature?: unknown;
  readonly example?: unknown;
  /** What was logged beside the model: used when it fits the graph, else left out with a warning. */
  readonly offered?: Offered | undefined;
  readonly tolerance?: number | undefined;
}

/** Signature and example as the model's author logged them, perhaps of the model before its conversion. */
export interface Offered {
  /** MLflow's JSON of a signature. */
  readonly signature?: unknown;
  /** Inputs as `example.json` has them. */
  readonly example?: unknown;
}

/** What a model did when it was loaded and run once, in a process with limits of its own. */
export interface ModelCheck {
  readonly ok: boolean;
  /** Why it is refused, in plain words, without the engine's own messages. */
  readonly reasons: readonly string[];
  /** Paths of the files that the graph keeps its weights in. */
  readonly externalData: readonly string[];
  readonly warnings: readonly string[];
  /** MLflow's JSON: the caller's, or derived from the graph. */
  readonly signature?: Readonly<Record<string, unknown>>;
  readonly signatureFrom?: 'caller' | 'graph';
  /** The example with its outputs, as `example.json` will hold it: what the deployer invokes a version with. */
  readonly example?: Readonly<Record<string, unknown>>;
  readonly loadMs: number;
  readonly maxDifference?: number | undefined;
  readonly tolerance?: number | undefined;
}

/** Loads and runs a model of unknown origin; a hostile file may cost its time and memory, nothing else. */
export interface ModelChecker {
  check(input: ModelCheckInput): Promise<ModelCheck>;
}

/** Names one version to the function that checks it. */
export interface CheckRequest {
  readonly tenant: string;
  readonly modelId: string;
  readonly version: number;
  readonly actor: string;
  readonly requestId: string;
}

/** Has a submitted version checked elsewhere, where time and memory are its own. */
export interface CheckStarter {
  /** Returns as soon as the check will happen for certain. */
  start(request: CheckRequest): Promise<void>;
  /** Returns when the version is READY or REFUSED. */
  runToEnd(request: CheckRequest): Promise<void>;
}

/** Code that ran and datasets that were used. */
export type RunLineage = Pick<Lineage, 'code' | 'codeCommit' | 'datasets'>;

export interface KnownRun {
  /** Prefix of its artifacts in the artifact bucket, ending with `/`; undefined when they lie elsewhere. */
  readonly prefix: string | undefined;
  /** The latest value of each metric. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly lineage?: RunLineage;
}

/** Runs as the registry sees them. */
export interface RunReader {
  /** Undefined when the tenant has no such run. */
  find(tenant: string, runId: string): Promise<KnownRun | undefined>;
}

export interface KnownLoggedModel {
  /** Prefix of its artifacts in the artifact bucket, ending with `/`; undefined when they lie elsewhere. */
  readonly prefix: string | undefined;
  /** As MLflow's clients address them. */
  readonly artifactUri: string;
  /** The run that logged it. */
  readonly runId: string | undefined;
}

/** MLflow's logged models as the registry sees them. */
export interface LoggedModelReader {
  /** Undefined when the tenant has no such model, or it was deleted. */
  find(tenant: string, modelId: string): Promise<KnownLoggedModel | undefined>;
}

/** Tells a logged model which versions were made from it. */
export interface LoggedModelLinker {
  link(
    context: CallContext,
    modelId: string,
    version: { readonly name: string; readonly version: number },
  ): Promise<void>;
}

/** Who may read which of the artifacts that experiments hold. */
export interface ArtifactGate {
  /**
   * @param path below `tenants/<tenant>/experiments/`
   * @throws ForbiddenError when an admin took the permission away
   */
  requireRead(context: CallContext, path: string): Promise<unknown>;
}

/** A version as other capabilities see it. */
export interface RegisteredVersion {
  readonly model: string;
  readonly version: number;
  readonly status: VersionStatus;
  /** READY versions made through MLflow may hold no ONNX model. */
  readonly servable: boolean;
  readonly task: Task | undefined;
  readonly stage: Stage;
  readonly approval: ApprovalState;
  readonly createdBy: string;
  readonly semver: string | undefined;
  /** Prefix of the version's files in the artifact bucket, ending with `/`: ARTIFACT_PREFIX. */
  readonly artifactPrefix: string;
  readonly files: readonly { readonly path: string; readonly sha256: string; readonly bytes: number }[];
  /** SHA-256 of the signed statement in hex: MANIFEST_DIGEST; absent until the version is signed. */
  readonly statementDigest: string | undefined;
  /** MLflow's JSON of the signature. */
  readonly signature: Readonly<Record<string, unknown>> | undefined;
  readonly hasExample: boolean;
  readonly hasProfile: boolean;
  /** Range that predictions are binned over; [0, 1] unless the profile says otherwise. */
  readonly scoreRange: ScoreRange;
  /** Milliseconds that loading took when the version was registered. */
  readonly loadMs: number | undefined;
  readonly metrics: Readonly<Record<string, number>>;
  readonly lineage: Lineage;
}

/** A version that may be deployed: READY, servable, not rejected, approved when the policy asks. */
export interface DeployableVersion extends RegisteredVersion {
  readonly statementDigest: string;
  readonly signature: Readonly<Record<string, unknown>>;
  readonly loadMs: number;
}

/** The registry as other capabilities read it; `domain/registry/read-registry.ts` implements it on the store. */
export interface RegistryReader {
  /**
   * @param ref number, semver label or `@alias`
   * @throws ModelNotFoundError, ModelVersionNotFoundError, ModelVersionNotServableError, ApprovalMissingError
   */
  getDeployable(tenant: string, model: string, ref: string | number): Promise<DeployableVersion>;
  /** A version in whatever state; undefined when there is none under this reference. */
  findVersion(tenant: string, model: string, ref: string | number): Promise<RegisteredVersion | undefined>;
  /**
   * What a challenger is compared with: the version in stage production, else the newest that may be deployed;
   * undefined when there is neither.
   */
  findChampion(tenant: string, model: string): Promise<RegisteredVersion | undefined>;
  /** The newest approved version before this one, else the newest after it; undefined when there is none. */
  findLastApproved(tenant: string, model: string, otherThan: number): Promise<DeployableVersion | undefined>;
  /** Gates, approval and default rollout; the defaults when nobody set a policy. */
  getPolicy(tenant: string, model: string): Promise<PolicyInput & { readonly updatedBy: string | undefined }>;
}
