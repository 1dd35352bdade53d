import { MODEL_FILE } from './locate-source.ts';
import type { Mlmodel } from './mlmodel.ts';
import type { ArtifactStorage, Offered, StoredFile } from './ports.ts';
import { parseJson, parseJsonObject } from './read-companions.ts';

/** Files of a version that is served, beside its graph and the graph's external data. */
export const SERVED_FILES: readonly string[] = [MODEL_FILE, 'signature.json', 'example.json', 'profile.json'];
/** An example travels in the call that has a model inspected, of which Lambda takes 6 MB. */
const MAX_EXAMPLE_BYTES = 1024 ** 2;

/** What lies beside a graph and says what it must do. */
export interface Companions {
  readonly signature?: unknown;
  readonly example?: Readonly<Record<string, unknown>> | undefined;
  readonly profile?: Readonly<Record<string, unknown>> | undefined;
}

/** Reads `signature.json`, `example.json` and `profile.json`. */
export async function readCompanions(
  storage: ArtifactStorage,
  prefix: string,
  files: readonly StoredFile[],
): Promise<Companions | { readonly problem: string }> {
  const found: Record<string, Readonly<Record<string, unknown>> | undefined> = {};
  for (const name of ['signature', 'example', 'profile']) {
    const file = `${name}.json`;
    if (!files.some(({ path }) => path === file)) continue;
    found[name] = parseJsonObject(await storage.read(prefix + file));
    if (found[name] === undefined) return { problem: `${file} is not a JSON object.` };
  }
  return found;
}

/** Signature and example that MLflow logged with the model. */
export async function readOffered(
  storage: ArtifactStorage,
  prefix: string,
  files: readonly StoredFile[],
  mlmodel: Mlmodel,
): Promise<Offered> {
  const read = async (file: string | undefined) => {
    const stored = files.find(({ path }) => path === file);
    if (stored === undefined || stored.bytes > MAX_EXAMPLE_BYTES) return undefined;
    return parseJson(await storage.read(prefix + stored.path));
  };
  const { signature, servingExampleFile, inputExample } = mlmodel;
  const serving = await read(servingExampleFile);
  if (serving !== undefined) return { signature, example: { inputs: serving } };
  const given = await read(inputExample?.file);
  if (given === undefined) return { signature };
  // A table is written as the object that dataframe_split holds, an array as itself.
  return { signature, example: { inputs: inputExample?.type === 'ndarray' ? { inputs: given } : given } };
}
