import { readFileSync, statSync } from 'node:fs';
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
 * @throws UsageError when a file is absent or is no JSON, or the tolerance is none
 */
export async function runModelCheck({ file, signature, example, tolerance }: ModelCheckOptions) {
  if (!isFile(file)) throw new UsageError(`There is no file ${file}.`);
  if (tolerance !== undefined && !(tolerance >= 0))
    throw new UsageError('The tolerance must be a number ≥ 0.');
  const check = await checkModelFile({
    file,
    ...(signature === undefined ? {} : { signature: readJson(signature) }),
    ...(example === undefined ? {} : { example: readJson(example) }),
    ...(tolerance === undefined ? {} : { tolerance }),
  });
  return { check, exitCode: check.ok ? EXIT.done : EXIT.usersMistake };
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function readJson(file: string): unknown {
  if (!isFile(file)) throw new UsageError(`There is no file ${file}.`);
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch {
    throw new UsageError(`${file} is not JSON.`);
  }
}
