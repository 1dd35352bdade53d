import { parse } from 'yaml';

/** Aliases multiply: a few are what Python's YAML writes for a list that two keys share. */
const MAX_ALIASES = 50;

/** Reads YAML of unknown origin; throws when it is not valid. */
export function parseYaml(text: string): unknown {
  return parse(text, { maxAliasCount: MAX_ALIASES, logLevel: 'silent' });
}
