/**
 * Records what MLflow's web UI calls, on MLflow's own server from the tests' Python, into
 * `test/integration/mlflow-ui-calls.json`. To be run after MLflow was raised in `requirements.txt`; needs Chromium:
 *
 *   node test/support/mlflow-ui/record-calls.ts
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from '../free-port.ts';
import { ensureTestPython } from '../python-environment.ts';
import { findChromium, findUiBuild, openPage } from './browser.ts';
import { fillTrackingServer } from './fill-tracking-server.ts';
import { listGraphqlQueries } from './graphql-queries.ts';
import { openPageServer } from './page-server.ts';
import { type RecordedCall, toRecordedCall } from './recorded-call.ts';
import { isAbsent, listUiPages } from './ui-pages.ts';
import { visitPage } from './visit-page.ts';

const FILE = resolve(import.meta.dirname, '../../integration/mlflow-ui-calls.json');

const chromium = findChromium();
if (chromium === undefined) throw new Error('No Chromium on the PATH, and PERENNIAL_CHROMIUM is not set.');
const folder = mkdtempSync(join(tmpdir(), 'perennial-mlflow-ui-'));
const python = ensureTestPython();
const port = await findFreePort();
const mlflow = spawn(
  join(python, 'mlflow'),
  [
    'server',
    ...['--backend-store-uri', `sqlite:///${folder}/mlflow.db`, '--artifacts-destination', `${folder}/files`],
    ...['--host', '127.0.0.1', '--port', String(port), '--workers', '1'],
  ],
  { stdio: 'ignore', cwd: folder, env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true' } },
);
try {
  const apiUrl = `http://127.0.0.1:${port}`;
  await waitUntilItAnswers(`${apiUrl}/health`);
  const filled = await fillTrackingServer(apiUrl);
  const server = await openPageServer({ buildFolder: findUiBuild(python), apiUrl });
  const { browser, page } = await openPage(chromium, server.url);
  const recorded = new Map<string, RecordedCall>();
  for (const uiPage of listUiPages(filled)) {
    const { calls } = await visitPage(page, server, uiPage, folder);
    for (const call of calls) {
      const kept = toRecordedCall(uiPage.name, call, filled);
      const name = isAbsent(call) ? call.path.split('?')[0] : `${kept.path} ${kept.body}`;
      if (!recorded.has(`${call.method} ${name}`)) recorded.set(`${call.method} ${name}`, kept);
    }
    console.log(`${uiPage.name}: ${calls.length} calls, ${recorded.size} so far`);
  }
  await browser.close();
  for (const [index, query] of listGraphqlQueries(filled).entries()) {
    const headers = { 'content-type': 'application/json' };
    await fetch(`${server.url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) });
    const call = server.calls.at(-1);
    if (call !== undefined) recorded.set(`query ${index}`, toRecordedCall('none', call, filled));
  }
  await server.close();
  const lines = [...recorded.values()].map((call) => JSON.stringify(call));
  writeFileSync(FILE, `[\n${lines.join(',\n')}\n]\n`);
} finally {
  mlflow.kill();
  await sleep(1000);
  rmSync(folder, { recursive: true, force: true });
}

async function waitUntilItAnswers(url: string): Promise<void> {
  for (let second = 0; second < 120; second++) {
    const isThere = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isThere) return;
    await sleep(1000);
  }
  throw new Error(`${url} does not answer.`);
}
