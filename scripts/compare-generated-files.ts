import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeGeneratedFiles } from './generated-files.ts';

const ROOT = join(import.meta.dirname, '..');

const files = makeGeneratedFiles();
const stale = [...files]
  .filter(([path, text]) => !existsSync(join(ROOT, path)) || readFileSync(join(ROOT, path), 'utf8') !== text)
  .map(([path]) => path);
const orphans = readdirSync(join(ROOT, 'docs/events'))
  .map((file) => `docs/events/${file}`)
  .filter((path) => !files.has(path));
for (const path of stale) console.log(`${path} differs from its declarations; run: npm run generate`);
for (const path of orphans) console.log(`${path} has no declaration any more; run: npm run generate`);
process.exitCode = stale.length + orphans.length > 0 ? 1 : 0;
