import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Client, PerennialApiError, waitUntil } from '../sdk/index.ts';
import { UsageError } from './errors.ts';

export interface ModelFiles {
  readonly onnx: string;
  readonly example?: string | undefined;
  readonly profile?: string | undefined;
}

/** A file to upload under the path it has in the version. */
export interface UploadFile {
  readonly path: string;
  readonly file: string;
  readonly bytes: number;
}

export interface RegisterOptions {
  /** MLflow's JSON. */
  readonly signature?: { inputs: unknown; outputs?: unknown; params?: unknown };
  readonly tolerance?: number;
  readonly semver?: string;
  readonly task?: string;
  readonly tags: Record<string, string>;
  readonly timeoutSeconds: number;
}

/** The ONNX file, its external data and the files that go with it. */
export function readModelFiles({ onnx, example, profile }: ModelFiles): UploadFile[] {
  const files = [
    { path: 'model.onnx', file: onnx },
    ...findExternalData(onnx),
    ...(example === undefined ? [] : [{ path: 'example.json', file: example }]),
    ...(profile === undefined ? [] : [{ path: 'profile.json', file: profile }]),
  ];
  return files.map(({ path, file }) => {
    if (!existsSync(file)) throw new UsageError(`There is no file ${file}.`);
    return { path, file, bytes: statSync(file).size };
  });
}

/** Exporters write tensors beside the model, in files that the graph names: those whose names it contains travel. */
function findExternalData(onnx: string): { path: string; file: string }[] {
  if (!existsSync(onnx)) return [];
  const graph = readFileSync(onnx);
  return readdirSync(dirname(onnx) || '.')
    .filter(
      (name) => name !== basename(onnx) && /\.(data|bin|weights?|pb)$/i.test(name) && graph.includes(name),
    )
    .map((name) => ({ path: name, file: join(dirname(onnx), name) }));
}

/** Uploads to presigned targets, registers, and waits until the platform has checked the version. */
export async function registerFiles(
  client: Client,
  name: string,
  files: readonly UploadFile[],
  options: RegisterOptions,
) {
  await makeModelWhenAbsent(client, name);
  const upload = await client.registry.createUpload({
    params: { name },
    body: { files: files.map(({ path, bytes }) => ({ path, bytes })) },
  });
  for (const { path, file } of files) {
    const target = upload.targets.find((candidate) => candidate.path === path);
    if (target === undefined) throw new Error(`The platform gave no target for ${path}.`);
    await putFile(target, file);
  }
  const { timeoutSeconds, task, ...fields } = options;
  const body = {
    ...fields,
    ...(task === undefined ? {} : { task: task as 'classification' }),
    source: { uploadId: upload.id },
  };
  const { version } = await client.registry.registerModelVersion({ params: { name }, body });
  return waitUntil(
    () => client.registry.getModelVersion({ params: { name, v: String(version) } }),
    ({ status }) => status === 'READY' || status === 'REFUSED',
    { timeoutSeconds, intervalSeconds: 0.3 },
  );
}

async function makeModelWhenAbsent(client: Client, name: string): Promise<void> {
  await client.registry.createModel({ body: { name } }).catch((error: unknown) => {
    if (!(error instanceof PerennialApiError && error.code === 'ALREADY_EXISTS')) throw error;
  });
}

async function putFile(
  target: { url: string; headers: Record<string, string> },
  file: string,
): Promise<void> {
  const response = await fetch(target.url, {
    method: 'PUT',
    headers: target.headers,
    body: readFileSync(file),
  });
  if (!response.ok) throw new Error(`The upload of ${basename(file)} failed with ${response.status}.`);
}
