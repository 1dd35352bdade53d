import { join } from 'node:path';
import type { BuildOptions } from 'esbuild';

const BUILTINS = join(import.meta.dirname, '../builtins');

/** Lambda loads ESM; this gives CommonJS parts (and layers, which `import` does not see) a `require`. */
const BANNER = "import{createRequire}from'module';const require=createRequire(import.meta.url);";

/**
 * Node's own modules that an `import` makes slow: it reads every export, also those that load something large
 * when they are first read (`http.WebSocket` loads all of undici). Taken with `process.getBuiltinModule`, they
 * stay unread: a third less time for a function with the AWS SDK to start (`npm run bench -- tracking-function`).
 */
const LAZY_BUILTINS = [
  'child_process',
  'console',
  'crypto',
  'fs',
  'fs/promises',
  'http',
  'https',
  'os',
  'process',
  'util',
  'zlib',
];

/** How every function is bundled; the benches measure the same. */
export const BUNDLE_OPTIONS = {
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  // Module builds first: the AWS SDK's are 200 KB smaller than its CommonJS ones.
  mainFields: ['module', 'main'],
  alias: Object.fromEntries(
    LAZY_BUILTINS.flatMap((name) => {
      const file = join(BUILTINS, `${name.replace('/', '-')}.cjs`);
      return [
        [name, file],
        [`node:${name}`, file],
      ];
    }),
  ),
  banner: { js: BANNER },
  // These come from layers: native, one platform each.
  external: ['onnxruntime-node', '@duckdb/*'],
  legalComments: 'none',
} as const satisfies BuildOptions;
