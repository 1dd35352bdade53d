import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  LambdaClient,
  paginateListFunctions,
  UpdateFunctionCodeCommand,
  waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda';
import type { Cloud } from '../../local/cloud.ts';
import { rootSettings } from './aws.ts';

/** How a candidate dies once callers reach it; its own example it has answered well before. */
export type Harm = 'throws' | 'exits' | 'times out' | 'fails in INIT';

const HARMS: Record<Harm, string> = {
  throws: "throw new Error('sabotage');",
  exits: 'process.exit(1);',
  'times out': 'await new Promise(() => setInterval(() => {}, 1000));',
  // The first request ends the environment that was checked; every later one dies before it is there.
  'fails in INIT': "writeFileSync(mark, ''); process.exit(1);",
};

function writeHandler(harm: Harm, mark: string): string {
  return [
    "import { existsSync, writeFileSync } from 'node:fs';",
    `const mark = ${JSON.stringify(mark)};`,
    "if (existsSync(mark)) throw new Error('sabotage in INIT');",
    'export const handler = async (event) => {',
    '  if (event.perennialCheck) return { ok: true, maxDifference: 0, loadMs: 1 };',
    `  ${HARMS[harm]}`,
    '};',
  ].join('\n');
}

/**
 * Puts code that does harm into an endpoint's function, as the account's root: the next version that the
 * deployer publishes has it, those that serve already keep theirs.
 */
export async function sabotage(cloud: Cloud, tenant: string, endpoint: string, harm: Harm): Promise<void> {
  const client = new LambdaClient(rootSettings(cloud));
  const FunctionName = await findFunction(client, `Endpoint ${endpoint} of tenant ${tenant}`);
  const mark = join(cloud.directory, `${tenant}-${endpoint}-is-sabotaged`);
  const ZipFile = zip(writeHandler(harm, mark));
  await client.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile }));
  await waitUntilFunctionUpdatedV2({ client, maxWaitTime: 30 }, { FunctionName });
}

async function findFunction(client: LambdaClient, description: string): Promise<string> {
  for await (const { Functions = [] } of paginateListFunctions({ client }, {})) {
    const found = Functions.find(({ Description }) => Description === description);
    if (found?.FunctionName !== undefined) return found.FunctionName;
  }
  throw new Error(`There is no function '${description}'.`);
}

function zip(handler: string): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'perennial-saboteur-'));
  try {
    writeFileSync(join(folder, 'index.mjs'), handler);
    const python = process.env.PERENNIAL_PYTHON ?? 'python3';
    execFileSync(python, ['-m', 'zipfile', '-c', 'code.zip', 'index.mjs'], { cwd: folder });
    return readFileSync(join(folder, 'code.zip'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
