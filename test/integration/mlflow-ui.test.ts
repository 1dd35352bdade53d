import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CloudCaller } from '../support/cloud-caller.ts';
import { findChromium, findUiBuild, openPage } from '../support/mlflow-ui/browser.ts';
import { type FilledServer, fillTrackingServer } from '../support/mlflow-ui/fill-tracking-server.ts';
import { openPageServer, type PageServer } from '../support/mlflow-ui/page-server.ts';
import { type RecordedCall, showIds, toComparable } from '../support/mlflow-ui/recorded-call.ts';
import { isAbsent, listUiPages } from '../support/mlflow-ui/ui-pages.ts';
import { visitPage } from '../support/mlflow-ui/visit-page.ts';
import { ensureTestPython } from '../support/python-environment.ts';
import { useCloud } from '../support/shared-cloud.ts';

const RECORDED = JSON.parse(
  readFileSync(join(import.meta.dirname, 'mlflow-ui-calls.json'), 'utf8'),
) as RecordedCall[];
const PICTURES = join(import.meta.dirname, '../../.perennial/pictures/mlflow-ui');

const getCloud = useCloud();
let caller: CloudCaller;
let filled: FilledServer;
let server: PageServer;

beforeAll(async () => {
  const { apiUrl } = getCloud();
  caller = await CloudCaller.forNewTenant(getCloud(), 'ui');
  filled = await fillTrackingServer(apiUrl, caller.token('scientist'));
  for (const version of [1, 2]) {
    const path = `/api/v1/models/${filled.model}/versions/${version}`;
    await caller.until(path, ({ body }) => body.status !== 'CHECKING', 180);
  }
  const buildFolder = findUiBuild(ensureTestPython());
  server = await openPageServer({ buildFolder, apiUrl, token: caller.token('viewer') });
});

afterAll(() => server?.close());

async function replay({ method, path, body }: RecordedCall) {
  const response = await fetch(`${server.url}${showIds(path, filled)}`, {
    method,
    ...(body === '' ? {} : { body: showIds(body, filled), headers: { 'content-type': 'application/json' } }),
  });
  return { response, text: await response.text() };
}

describe("what MLflow's web UI calls", () => {
  it.each(RECORDED.filter((call) => !isAbsent(call)))(
    'is answered as by MLflow on the page $page: $method $path',
    async (call) => {
      const { response, text } = await replay(call);

      expect({ status: response.status, answer: toComparable(text, filled) }).toMatchObject({
        status: call.status,
        answer: withoutServersOwn(call.answer),
      });
    },
  );

  it.each(RECORDED.filter(isAbsent))(
    'is absent where it is about language models: $method $path',
    async (call) => {
      const { response } = await replay(call);

      expect(response.status).toBe(404);
      expect(response.headers.get('content-type')).not.toContain('json');
    },
  );
});

describe('GraphQL', () => {
  const ask = async (asking: CloudCaller, query: string) =>
    (await asking.call('POST', '/graphql', { query }, 'viewer')).body;

  it("shows nothing of another tenant's", async () => {
    const stranger = await CloudCaller.forNewTenant(getCloud(), 'ui-stranger');
    const [runId] = filled.runIds;

    const run = await ask(
      stranger,
      `{ mlflowGetRun(input: {runId: "${runId}"}) { run { info { runId } } } }`,
    );
    const runs = await ask(
      stranger,
      `{ mlflowSearchRuns(input: {experimentIds: ["${filled.experimentId}"]}) { runs { info { runId } } } }`,
    );

    expect(run).toEqual({ data: { mlflowGetRun: null }, errors: [`Run with id=${runId} not found`] });
    expect(runs).toEqual({ data: { mlflowSearchRuns: { runs: [] } }, errors: null });
  });

  it('samples a range of steps', async () => {
    const input = `{runIds: ["${filled.runIds[0]}"], metricKey: "auc", startStep: 2, endStep: 4}`;

    const { data } = await ask(
      caller,
      `{ mlflowGetMetricHistoryBulkInterval(input: ${input}) { metrics { step } } }`,
    );

    expect(data.mlflowGetMetricHistoryBulkInterval.metrics).toEqual([
      { step: '2' },
      { step: '3' },
      { step: '4' },
    ]);
  });
});

/** What MLflow's answer says about that server and not about what is in it. */
function withoutServersOwn(answer: unknown): unknown {
  if (Array.isArray(answer)) return answer.map(withoutServersOwn);
  if (typeof answer !== 'object' || answer === null) return answer;
  const own = [
    'workspace',
    'store_type',
    'features_enabled',
    'multipart_uploads_enabled',
    'multipart_downloads_enabled',
  ];
  return Object.fromEntries(
    Object.entries(answer)
      .filter(([name]) => !own.includes(name))
      .map(([name, value]) => [name, withoutServersOwn(value)]),
  );
}

const chromium = findChromium();
if (chromium === undefined) {
  console.warn(
    'SKIPPED: MLflow’s UI in a browser. Put a Chromium on the PATH or name it in PERENNIAL_CHROMIUM.',
  );
}
/** Names and order only: the tests take the rest from the filled server. */
const pageNames = listUiPages({ experimentId: '', runIds: ['', '', ''], model: '' }).map(({ name }) => name);

describe.skipIf(chromium === undefined)("MLflow's own web UI", () => {
  let browser: Browser;
  let page: Page;
  let scriptErrors: string[];

  beforeAll(async () => {
    mkdirSync(PICTURES, { recursive: true });
    ({ browser, page, scriptErrors } = await openPage(chromium as string, server.url));
  });

  afterAll(() => browser?.close());

  /** Calls that failed, other than those that the platform does not answer. */
  const failures = (since: number) =>
    server.calls
      .slice(since)
      .filter((call) => call.status >= 400 && !isAbsent(call))
      .map(({ status, method, path }) => `${status} ${method} ${path}`);

  it.each(pageNames)('shows the page %s', async (name) => {
    const uiPage = listUiPages(filled).find((each) => each.name === name)!;
    const since = server.calls.length;
    scriptErrors.length = 0;

    await visitPage(page, server, uiPage, PICTURES);

    expect({ failures: failures(since), scriptErrors }).toEqual({ failures: [], scriptErrors: [] });
  });

  it('filters and sorts the table of runs', async () => {
    const since = server.calls.length;
    await page.goto('about:blank');
    await page.goto(`/#/experiments/${filled.experimentId}/runs`);

    const search = page.getByPlaceholder(/metrics\.rmse/);
    await search.fill('metrics.auc > 0.6 and params.max_depth LIKE "%"');
    await search.press('Enter');
    await page.getByText('2 matching runs').waitFor();
    await page.getByRole('button', { name: /^Sort:/ }).click();
    await page.getByRole('menuitemcheckbox', { name: 'auc' }).click();
    await server.quiet();
    await page.screenshot({ path: `${PICTURES}/runs-filtered.png` });

    const asked = server.calls.slice(since).filter(({ path }) => path.endsWith('/runs/search'));
    expect(asked.at(-1)?.body).toContain('metrics.`auc`');
    expect(failures(since)).toEqual([]);
  });

  it('lets a scientist rename a run and describe it', async () => {
    const runId = await makeRun('first name');
    const writing = await openPageServer({
      buildFolder: findUiBuild(ensureTestPython()),
      apiUrl: getCloud().apiUrl,
      token: caller.token('scientist'),
    });
    const opened = await openPage(chromium as string, writing.url);
    await opened.page.goto(`/#/experiments/0/runs/${runId}`);

    await opened.page.getByRole('button', { name: /edit description/i }).click();
    await opened.page.locator('textarea').first().fill('seen *again*');
    await opened.page.getByRole('button', { name: 'Save' }).click();
    await opened.page.getByText('again').first().waitFor();
    await opened.page.getByTestId('overflow-menu-trigger').click();
    await opened.page.getByText('Rename', { exact: true }).click();
    await opened.page.getByRole('dialog').locator('input').fill('second name');
    await opened.page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await opened.page.getByText('second name', { exact: true }).first().waitFor();
    await opened.page.screenshot({ path: `${PICTURES}/run-edited.png` });
    await opened.browser.close();
    await writing.close();

    const reply = await caller.call('GET', `/api/2.0/mlflow/runs/get?run_id=${runId}`);
    expect(reply.body.run.info.run_name).toBe('second name');
    expect(reply.body.run.data.tags).toContainEqual({ key: 'mlflow.note.content', value: 'seen *again*' });
  });
});

async function makeRun(name: string): Promise<string> {
  const input = { experiment_id: '0', run_name: name };
  const { body } = await caller.call('POST', '/api/2.0/mlflow/runs/create', input, 'scientist');
  return body.run.info.run_id;
}
