import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { inspectModel } from '../onnx/inspect-model.ts';
import type { ModelFile } from './check-model.ts';

/** The process that `checkModelFile` starts and may end at any time: one model in, one verdict out. */
process.once('message', async (message) => {
  const { file, signature, example, tolerance } = message as ModelFile;
  const directory = dirname(resolve(file));
  const verdict = await inspectModel({
    directory,
    modelFile: basename(file),
    signature,
    example,
    tolerance,
    fetchExternal: async (paths) => paths.filter((path) => !existsSync(join(directory, path))),
  });
  process.send?.(verdict, () => process.exit(0));
});
