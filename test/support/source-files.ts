import { globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

/** Trees with TypeScript of the project. */
const TREES = [
  'bin',
  'lib',
  'functions',
  'domain',
  'adapters',
  'sdk',
  'cli',
  'local',
  'layers',
  'scripts',
  'test',
  'bench',
];

export interface Import {
  /** File that imports, from the repository's root. */
  readonly file: string;
  /** What it names: a package, or the path of a file from the repository's root. */
  readonly target: string;
  readonly isPackage: boolean;
  readonly typeOnly: boolean;
}

/** Paths of all TypeScript files of the project, from its root. */
export function listSourceFiles(): string[] {
  return TREES.flatMap((tree) => globSync(`${tree}/**/*.{ts,tsx,mjs}`, { cwd: ROOT })).sort();
}

export function readSource(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

const FROM = /^\s*(import|export)\s+(type\s+)?(?:[^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]/gm;
const CALL = /\b(?:import|require)\(\s*['"]([^'"]+)['"]\s*\)/g;

/** Static, dynamic and re-exporting imports of a file; comments are left out. */
export function findImports(file: string, text = readSource(file)): Import[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const named = [...code.matchAll(FROM)].map((match) => ({ name: match[3]!, typeOnly: Boolean(match[2]) }));
  const called = [...code.matchAll(CALL)].map((match) => ({ name: match[1]!, typeOnly: false }));
  return [...named, ...called].map(({ name, typeOnly }) => {
    const isPackage = !name.startsWith('.');
    const target = isPackage ? name : posix.normalize(posix.join(posix.dirname(file), name));
    return { file, target, isPackage, typeOnly };
  });
}
