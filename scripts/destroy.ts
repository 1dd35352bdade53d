import { createInterface } from 'node:readline/promises';
import { type Arguments, readArguments } from './arguments.ts';
import { runCdk } from './cdk.ts';
import { deleteRetainedData, findRetainedData, type RetainedData } from './retained-data.ts';
import { removeRunTimeResources } from './run-time-resources.ts';

async function destroy({ installation, context, yes, deleteData }: Arguments): Promise<void> {
  const { installation: name } = installation;
  const what = deleteData ? 'the installation AND ALL ITS DATA' : 'the installation; its data stays';
  if (!yes) await confirm(name, what);
  await removeRunTimeResources(name);
  runCdk(['destroy', '--all', '--force', ...context]);
  const data = await findRetainedData(name);
  if (deleteData) await deleteRetainedData(data);
  else printWhatStays(data);
}

/** @throws Error when nobody can answer, or the answer is another one. */
async function confirm(installation: string, what: string): Promise<void> {
  if (!process.stdin.isTTY) throw new Error(`This removes ${what}. Without a terminal, say --yes.`);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`This removes ${what}. Its name, to go on: `);
  terminal.close();
  if (answer.trim() !== installation) throw new Error('Nothing was removed.');
}

function printWhatStays({ tables, buckets, keys, parameters }: RetainedData): void {
  console.log('\nWhat stays, and costs storage:');
  for (const name of tables) console.log(`  table   ${name}`);
  for (const name of buckets) console.log(`  bucket  ${name}`);
  for (const id of keys) console.log(`  key     ${id}`);
  for (const name of parameters) console.log(`  parameter ${name}`);
  console.log('\nRemove it too:   npm run destroy -- --delete-data');
  console.log(
    'Take it back:    npx cdk import, into the State stack of a new deployment (docs/architecture.md)',
  );
}

try {
  await destroy(readArguments(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
