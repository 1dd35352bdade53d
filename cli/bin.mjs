#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// The clone brings its own Node: an older one on the machine cannot run TypeScript.
const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const ownNode = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));
if (Number(process.versions.node.split('.')[0]) >= 24) {
  await import(main);
} else if (existsSync(ownNode)) {
  process.exit(spawnSync(ownNode, [main, ...process.argv.slice(2)], { stdio: 'inherit' }).status ?? 1);
} else {
  console.error('Perennial needs Node 24; run `npm ci` in the clone, which brings it.');
  process.exit(1);
}
