import type { VersionRecord } from './model-records.ts';
import type { ArtifactStorage, StoredFile } from './ports.ts';

/** The file in which MLflow describes a model, at the top of its folder. */
export const MLMODEL_FILE = 'MLmodel';
/** Real ones have some KB; a wide signature makes some hundred. */
const MAX_MLMODEL_BYTES = 4_000_000;

/** Reads YAML of unknown origin; throws when it is not valid. */
export type YamlParser = (text: string) => unknown;

/** What an `MLmodel` says that the platform makes use of. */
export interface Mlmodel {
  /** Names of the flavors, in their order. */
  readonly flavors: readonly string[];
  /** Module that loads the model as a python_function. */
  readonly loaderModule?: string | undefined;
  /** The ONNX flavor's graph, relative to the folder; present only with that flavor. */
  readonly onnxFile?: string | undefined;
  /** MLflow's JSON, its strings decoded. */
  readonly signature?: Readonly<Record<string, unknown>> | undefined;
  /** File of an example as a body of /invocations. */
  readonly servingExampleFile?: string | undefined;
  /** File of an example as it was given, and what it was. */
  readonly inputExample?: { readonly file: string; readonly type: string } | undefined;
  readonly mlflowVersion?: string | undefined;
  readonly modelUuid?: string | undefined;
  readonly modelSizeBytes?: number | undefined;
}

/** Finds and reads the `MLmodel` among the files; undefined when there is none that can be read. */
export async function findMlmodel(
  { storage, parseYaml }: { readonly storage: ArtifactStorage; readonly parseYaml: YamlParser },
  prefix: string,
  files: readonly StoredFile[],
): Promise<Mlmodel | undefined> {
  const file = files.find(({ path }) => path === MLMODEL_FILE);
  if (file === undefined || file.bytes > MAX_MLMODEL_BYTES) return undefined;
  const bytes = await storage.read(prefix + MLMODEL_FILE);
  if (bytes === undefined) return undefined;
  try {
    return readMlmodel(parseYaml(Buffer.from(bytes).toString()));
  } catch {
    // Whoever wrote such a file still gets a version; it says that its flavor is unknown.
    return undefined;
  }
}

/** Takes from a parsed `MLmodel` what it has in the expected form; undefined when it names no flavor. */
export function readMlmodel(value: unknown): Mlmodel | undefined {
  const model = asRecord(value);
  const flavors = asRecord(model?.flavors);
  if (model === undefined || flavors === undefined || Object.keys(flavors).length === 0) return undefined;
  const onnx = Object.hasOwn(flavors, 'onnx') ? (asRecord(flavors.onnx) ?? {}) : undefined;
  const example = asRecord(model.saved_input_example_info);
  const file = asText(example?.artifact_path);
  return {
    flavors: Object.keys(flavors),
    loaderModule: asText(asRecord(flavors.python_function)?.loader_module),
    onnxFile: onnx && (asText(onnx.data) ?? 'model.onnx'),
    signature: readSignature(model.signature),
    servingExampleFile: asText(example?.serving_input_path),
    inputExample: file === undefined ? undefined : { file, type: asText(example?.type) ?? '' },
    mlflowVersion: asText(model.mlflow_version),
    modelUuid: asText(model.model_uuid),
    modelSizeBytes: Number.isSafeInteger(model.model_size_bytes)
      ? (model.model_size_bytes as number)
      : undefined,
  };
}

/** What a version keeps of its `MLmodel`. */
export type MlmodelFields = Pick<
  VersionRecord,
  'flavors' | 'loaderModule' | 'mlflowVersion' | 'modelUuid' | 'modelSizeBytes'
>;

export function toVersionFields(model: MlmodelFields | undefined): MlmodelFields {
  if (model === undefined) return {};
  const { flavors, loaderModule, mlflowVersion, modelUuid, modelSizeBytes } = model;
  return { flavors, loaderModule, mlflowVersion, modelUuid, modelSizeBytes };
}

/** `inputs`, `outputs` and `params` are JSON in strings there. */
function readSignature(value: unknown): Mlmodel['signature'] {
  const signature = asRecord(value);
  const inputs = parseList(signature?.inputs);
  const outputs = parseList(signature?.outputs);
  if (inputs === undefined && outputs === undefined) return undefined;
  return { inputs: inputs ?? [], outputs: outputs ?? [], params: parseList(signature?.params) ?? null };
}

function parseList(value: unknown): readonly unknown[] | undefined {
  const list = typeof value === 'string' ? parseJson(value) : value;
  return Array.isArray(list) ? list : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
