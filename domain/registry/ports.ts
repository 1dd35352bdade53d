import type { ApprovalState, Lineage, Stage, Task } from './shapes.ts';

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
  /** ECDSA signature in DER over a SHA-256 digest. */
  sign(digest: Uint8Array): Promise<Uint8Array>;
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
  readonly tolerance?: number | undefined;
}

/** What a model did when it was loaded and run once, in a process with limits of its own. */
export interface ModelCheck {
  readonly ok: boolean;
  /** Why it is refused, in plain words, without the engine's own messages. */
  readonly reasons: readonly string[];
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

/** Starts the check of a submitted version elsewhere, where time and memory are its own. */
export interface CheckStarter {
  start(request: CheckRequest): Promise<void>;
}

/** Where the artifacts of a run lie; undefined when the tenant has no such run. */
export interface RunArtifacts {
  /** Prefix in the artifact bucket, ending with `/`. */
  locate(tenant: string, runId: string): Promise<{ readonly prefix: string } | undefined>;
}

/** What deploying a version needs to know about it. */
export interface DeployableVersion {
  readonly model: string;
  readonly version: number;
  readonly task: Task | undefined;
  readonly stage: Stage;
  readonly approval: ApprovalState;
  readonly createdBy: string;
  readonly semver: string | undefined;
  /** Prefix of the version's files in the artifact bucket, ending with `/`: ARTIFACT_PREFIX. */
  readonly artifactPrefix: string;
  readonly files: readonly { readonly path: string; readonly sha256: string; readonly bytes: number }[];
  /** SHA-256 of the signed statement: MANIFEST_DIGEST. */
  readonly statementDigest: string;
  /** MLflow's JSON of the signature. */
  readonly signature: Readonly<Record<string, unknown>>;
  readonly hasExample: boolean;
  readonly hasProfile: boolean;
  /** Milliseconds that loading took when the version was registered. */
  readonly loadMs: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly lineage: Lineage;
}

/** The registry as other capabilities read it; `domain/registry/read-registry.ts` implements it on the store. */
export interface RegistryReader {
  /**
   * A version that may be deployed: READY, servable, not rejected, approved when the policy asks.
   *
   * @param ref number, semver label or `@alias`
   * @throws ModelNotFoundError, ModelVersionNotFoundError, ModelVersionNotServableError, ApprovalMissingError
   */
  getDeployable(tenant: string, model: string, ref: string | number): Promise<DeployableVersion>;
  /** The same facts without asking whether it may be deployed; undefined when absent or not READY. */
  findVersion(tenant: string, model: string, ref: string | number): Promise<DeployableVersion | undefined>;
  /** The model's default rollout; undefined when the policy names none. */
  findDefaultRollout(
    tenant: string,
    model: string,
  ): Promise<{ readonly strategy: string; readonly policy: Readonly<Record<string, unknown>> } | undefined>;
  /** The version in stage production, else the newest deployable one; undefined when there is none: the champion. */
  findChampion(tenant: string, model: string): Promise<DeployableVersion | undefined>;
}
