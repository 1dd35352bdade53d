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
    await caller.until(path, ({ body }) => body.status !== 'CHECKING', 120);
  }
  const buildFolder = findUiBuild(ensureTestPython());
  server = await openPageServer({ buildFolder, apiUrl, token: caller.token('viewer') });
}, 300_000);

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
});
