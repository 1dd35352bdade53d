import { accessSync, constants, globSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

const HOST = 'mlflow.test';
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** A Chromium to drive: PERENNIAL_CHROMIUM, or one on the PATH. Nothing is downloaded. */
export function findChromium(): string | undefined {
  const named = process.env.PERENNIAL_CHROMIUM;
  if (named !== undefined) return named;
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The built web UI inside the MLflow package of a virtual environment. */
export function findUiBuild(pythonBin: string): string {
  const pattern = join(dirname(pythonBin), 'lib', 'python3*', 'site-packages/mlflow/server/js/build');
  const [folder] = globSync(pattern);
  if (folder === undefined) throw new Error(`MLflow with its web UI is not installed in ${pythonBin}.`);
  return folder;
}

/**
 * A page on a screen of usual size whose addresses are relative to the server's, and what failed in its scripts. It
 * reaches nothing else, and knows the server by a name: on localhost the UI opens its assistant.
 */
export async function openPage(
  executablePath: string,
  serverUrl: string,
): Promise<{ readonly browser: Browser; readonly page: Page; readonly scriptErrors: string[] }> {
  const { port } = new URL(serverUrl);
  const origin = `http://${HOST}:${port}`;
  const browser = await chromium.launch({
    executablePath,
    args: [
      // Tests may run as root in a container, where Chromium's sandbox cannot be made.
      '--no-sandbox',
      '--disable-background-networking',
      `--host-resolver-rules=MAP ${HOST} 127.0.0.1`,
    ],
  });
  const viewport = { width: 1500, height: 1000 };
  const page = await browser.newPage({ baseURL: origin, viewport, locale: 'en-GB' });
  await page.route('**/*', (route) =>
    new URL(route.request().url()).origin === origin ? route.continue() : route.abort(),
  );
  const scriptErrors: string[] = [];
  page.on('pageerror', (error) => scriptErrors.push(String(error)));
  return { browser, page, scriptErrors };
}
