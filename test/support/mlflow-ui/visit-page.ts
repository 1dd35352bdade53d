import type { Page } from 'playwright-core';
import type { PageCall, PageServer } from './page-server.ts';
import type { UiPage } from './ui-pages.ts';

/** What a visit of a page was like. */
export interface Visit {
  readonly calls: readonly PageCall[];
  readonly text: string;
}

/** Opens a page afresh, waits until it shows what it should and asks no more, and takes its picture. */
export async function visitPage(
  page: Page,
  server: PageServer,
  { name, address, shows, draws = [] }: UiPage,
  pictureFolder: string,
): Promise<Visit> {
  const before = server.calls.length;
  // The UI is one document: without this only the part behind the `#` would change.
  await page.goto('about:blank');
  await page.goto(`/#${address}`);
  try {
    for (const text of shows) {
      await page.getByText(text).filter({ visible: true }).first().waitFor({ timeout: 30_000 });
    }
    await server.quiet();
    // Charts are drawn after their numbers have come.
    for (const selector of draws) await page.locator(selector).first().waitFor({ timeout: 30_000 });
  } finally {
    await page.screenshot({ path: `${pictureFolder}/${name}.png` });
  }
  return { calls: server.calls.slice(before), text: await page.locator('body').innerText() };
}
