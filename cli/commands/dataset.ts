import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { type Client, PerennialApiError, waitUntil } from '../../sdk/index.ts';
import { makeCommandContext } from '../context.ts';
import { findNoun } from '../declared-commands.ts';
import { UsageError } from '../errors.ts';
import { addWaitOptions, type WaitFlags } from '../wait-options.ts';

/** `dataset upload`: files become a new immutable version; makes the dataset when absent. */
export function addDatasetCommands(program: Command): void {
  const upload = findNoun(program, 'dataset')
    .command('upload')
    .description('Uploads Parquet or CSV files as a new version; makes the dataset when absent')
    .argument('<name>')
    .argument('<files...>');
  addWaitOptions(upload).action(async (name: string, files: string[], _flags: unknown, command: Command) => {
    const { wait, timeout } = command.opts<WaitFlags>();
    const { client, output } = makeCommandContext(command);
    const version = await uploadDataset(client(), name, files);
    if (!wait) return output.result(version);
    const done = await waitUntil(
      () => client().datasets.getDatasetVersion({ params: { name, v: String(version.version) } }),
      ({ status }) => status === 'READY' || status === 'REFUSED',
      { timeoutSeconds: timeout },
    );
    output.result(done);
    if (done.status === 'REFUSED') throw new UsageError(`The files were refused: ${done.reasons.join(' ')}`);
  });
}

async function uploadDataset(client: Client, name: string, files: readonly string[]) {
  for (const file of files) if (!existsSync(file)) throw new UsageError(`There is no file ${file}.`);
  await client.datasets.createDataset({ body: { name } }).catch((error: unknown) => {
    if (!(error instanceof PerennialApiError && error.code === 'ALREADY_EXISTS')) throw error;
  });
  const upload = await client.datasets.createDatasetUpload({
    params: { name },
    body: { files: files.map((file) => ({ path: basename(file), bytes: statSync(file).size })) },
  });
  for (const [i, { url, headers }] of upload.targets.entries()) {
    const response = await fetch(url, { method: 'PUT', headers, body: readFileSync(files[i] as string) });
    if (!response.ok) throw new Error(`The upload of ${files[i]} failed with ${response.status}.`);
  }
  const source = { kind: 'upload' as const, uploadId: upload.id };
  return client.datasets.createDatasetVersion({ params: { name }, body: { source } });
}
