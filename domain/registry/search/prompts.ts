import type { RegistryClause } from './registry-filter.ts';

/** MLflow keeps prompts among the registered models, told apart by this tag. */
const PROMPT_TAG = 'mlflow.prompt.is_prompt';

function isAboutPrompts({ type, key }: RegistryClause): boolean {
  return type === 'tag' && key === PROMPT_TAG;
}

/**
 * The clauses that a search applies. A filter asks for prompts by `= 'true'` or `!= 'false'` in its first clause
 * on their tag; then the clauses are taken as they are. Every other search leaves prompts out, and its clauses
 * on the tag say nothing more: models do not have it, and the client writes `!= 'true'` for them.
 */
export function splitPromptClauses(clauses: readonly RegistryClause[]): {
  readonly clauses: readonly RegistryClause[];
  readonly showsPrompts: boolean;
} {
  const first = clauses.find(isAboutPrompts);
  const wanted = String(first?.value).toLowerCase();
  const showsPrompts =
    (first?.comparator === '=' && wanted === 'true') || (first?.comparator === '!=' && wanted === 'false');
  return {
    clauses: showsPrompts ? clauses : clauses.filter((clause) => !isAboutPrompts(clause)),
    showsPrompts,
  };
}

export function isPrompt({ tags }: { readonly tags: Readonly<Record<string, string>> }): boolean {
  return Object.hasOwn(tags, PROMPT_TAG) && tags[PROMPT_TAG] === 'true';
}
