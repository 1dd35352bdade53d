import { existsSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { IConstruct } from 'constructs';
import { buildSync } from 'esbuild';
import { BUNDLE_OPTIONS } from './bundle-options.ts';

const FUNCTIONS = join(import.meta.dirname, '../../functions');

const bundles = new WeakMap<IConstruct, string>();

/** A function's entry: `functions/<capability>/<verb-noun>`. */
export type Entry = `${string}/${string}`;

/**
 * Folder with the code of an entry (`index.mjs`). All entries are built by one esbuild run per app, on first
 * use: about ten times faster than one run for each.
 *
 * With the context `perennial:bundle` set to false the sources stand in, for tests of templates.
 *
 * @throws Error when `functions/<entry>/handler.ts` or its `environment.ts` is absent.
 */
export function bundleOf(scope: IConstruct, entry: Entry): string {
  const source = join(FUNCTIONS, entry);
  for (const file of ['handler.ts', 'environment.ts']) {
    if (!existsSync(join(source, file))) throw new Error(`functions/${entry}/${file} does not exist.`);
  }
  const root = scope.node.root;
  if (String(root.node.tryGetContext('perennial:bundle')) === 'false') return source;
  let folder = bundles.get(root);
  if (folder === undefined) {
    folder = buildAll();
    bundles.set(root, folder);
  }
  return join(folder, entry);
}

function buildAll(): string {
  const outdir = mkdtempSync(join(tmpdir(), 'perennial-bundles-'));
  process.once('exit', () => rmSync(outdir, { recursive: true, force: true }));
  buildSync({
    ...BUNDLE_OPTIONS,
    absWorkingDir: dirname(FUNCTIONS),
    entryPoints: globSync('*/*/handler.ts', { cwd: FUNCTIONS }).map((file) => ({
      in: join(FUNCTIONS, file),
      out: join(dirname(file), 'index'),
    })),
    outdir,
    outExtension: { '.js': '.mjs' },
    logLevel: 'warning',
  });
  return outdir;
}
