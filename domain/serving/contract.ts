/** Files of a version's prefix that the runtime reads; external data of the model lies beside them. */
export const VERSION_FILES = {
  model: 'model.onnx',
  signature: 'signature.json',
  example: 'example.json',
  profile: 'profile.json',
  bundle: 'model.sig',
} as const;

/** Release of the serving runtime, as `/version` answers it. */
export const PLATFORM_VERSION = '0.1.0';

/** Lambda takes 6 MB after base64, which makes 4.5 MB of plain bytes; the rest is the event around the body. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** Variables of an endpoint's function: a published version is one model version. */
export interface ServingVariables {
  readonly TENANT: string;
  readonly ENDPOINT: string;
  readonly MODEL_NAME: string;
  /** The version's number. */
  readonly MODEL_VERSION: string;
  readonly ARTIFACT_BUCKET: string;
  /** Folder of the version's files, with or without a slash at its end. */
  readonly ARTIFACT_PREFIX: string;
  /** SHA-256 of the signed statement in hex; another signature in its place is refused. */
  readonly MANIFEST_DIGEST: string;
  /** JSON list of public keys in PEM. */
  readonly SIGNING_PUBLIC_KEYS: string;
  /** JSON of the capture settings; everything is captured when absent. */
  readonly CAPTURE?: string;
  /** JSON of the input policy; unknown columns are refused when absent. */
  readonly INPUT_POLICY?: string;
}

/** What the deployer invokes a new version with before its first weight. */
export interface CheckEvent {
  readonly perennialCheck: true;
}

/** How the version did on its own example. */
export interface CheckResult {
  readonly ok: boolean;
  /** Largest difference of a number from the example's; null without an example, or when it could not run. */
  readonly maxDifference: number | null;
  /** Milliseconds from the start of INIT until the model was ready. */
  readonly loadMs: number;
  /** What differs, or why it did not run. */
  readonly error?: string;
}

/** `example.json`: a request that the model is known to answer, and the answer. */
export interface VersionExample {
  /** A body of `/invocations`, or the inside of its `dataframe_split`. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** The `predictions` that `/invocations` answers. */
  readonly outputs: readonly unknown[];
  /** Largest difference that counts as the same, absolute for numbers up to 1 and relative above. */
  readonly tolerance: number;
}
