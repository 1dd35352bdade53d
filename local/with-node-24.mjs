// Runs a TypeScript file of this clone on Node 24, which strips types by itself; older ones cannot.
// usage: node local/with-node-24.mjs FILE [ARGUMENT…]
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const needed = 24;
const major = Number(process.versions.node.split('.')[0]);
if (major < needed) {
  console.error(
    `This needs Node ${needed} or later and runs on ${process.version} (${process.execPath}). ` +
      `'npm ci' puts a Node ${needed} into this clone for npm's scripts; where it has none for your machine, ` +
      `install Node ${needed} yourself.`,
  );
  process.exit(1);
}
process.argv.splice(1, 1);
process.argv[1] = resolve(process.argv[1] ?? '');
await import(pathToFileURL(process.argv[1]).href);
