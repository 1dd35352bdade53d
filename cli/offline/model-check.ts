import { existsSync, readFileSync } from 'node:fs';
import { checkModelFile } from '../../adapters/serving/check-model.ts';
import { EXIT, UsageError } from '../errors.ts';

export interface ModelCheckOptions {
  readonly file: string;
  readonly signature?: string | undefined;
  readonly example?: string | undefined;
  readonly tolerance?: number | undefined;
}

/**
 * Says of a file what registering it would say, without a cloud.
 *
 * @throws UsageError when a file is absent or is no JSON
 */
export async function runModelCheck({ file, signature, example, tolerance }: ModelCheckOptions) {
  if (!existsSync(file)) throw new UsageError(`There is no file ${file}.`);
  const check = await checkModelFile({
    file,
    ...(signature === undefined ? {} : { signature: readJson(signature) }),
    ...(example === undefined ? {} : { example: readJson(example) }),
    ...(tolerance === undefined ? {} : { tolerance }),
  });
  return { check, exitCode: check.ok ? EXIT.done : EXIT.usersMistake };
}

function readJson(file: string): unknown {
  if (!existsSync(file)) throw new UsageError(`There is no file ${file}.`);
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch {
    throw new UsageError(`${file} is not JSON.`);
  }
}
