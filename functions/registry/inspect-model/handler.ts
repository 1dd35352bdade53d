import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { inspectModel } from '../../../adapters/onnx/inspect-model.ts';
import { downloadFiles } from '../../../adapters/s3/download-files.ts';
import type { ModelCheck, ModelCheckInput } from '../../../domain/registry/ports.ts';
import { environment } from './environment.ts';

const env = readEnvironment(environment);

/**
 * Loads and runs a model of unknown origin, in a function of its own: it may only read artifacts, and Lambda
 * ends it when the model takes too much time or memory.
 */
export async function handler(input: ModelCheckInput): Promise<ModelCheck> {
  const directory = await mkdtemp(join(tmpdir(), 'inspect-'));
  const download = (paths: readonly string[]) =>
    downloadFiles({ bucket: env.ARTIFACT_BUCKET_NAME, prefix: input.prefix, directory }, paths);
  try {
    await download([input.modelFile]);
    const fetchExternal = async (paths: readonly string[]) => {
      const sent = new Set(input.files.map(({ path }) => path));
      await download(paths.filter((path) => sent.has(path)));
      return paths.filter((path) => !sent.has(path));
    };
    return await inspectModel({ ...input, directory, fetchExternal });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
