import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeGeneratedFiles } from './generated-files.ts';

const ROOT = join(import.meta.dirname, '..');
const EVENTS = join(ROOT, 'docs/events');

// Schemas of events that are no longer declared must not stay.
mkdirSync(EVENTS, { recursive: true });
for (const file of readdirSync(EVENTS)) rmSync(join(EVENTS, file));
const files = makeGeneratedFiles();
for (const [path, text] of files) {
  mkdirSync(dirname(join(ROOT, path)), { recursive: true });
  writeFileSync(join(ROOT, path), text);
}
console.log(`Wrote docs/openapi.json and ${files.size - 1} event schemas.`);
