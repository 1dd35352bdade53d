/**
 * One call for all keys that are asked for in the same turn: GraphQL asks each run of a list for its own, and each
 * would read the same again.
 */
export function collectCalls<V>(
  load: (keys: readonly string[]) => Promise<ReadonlyMap<string, V>>,
): (key: string) => Promise<V | undefined> {
  let open: { readonly keys: Set<string>; readonly found: Promise<ReadonlyMap<string, V>> } | undefined;
  return async (key) => {
    if (open === undefined) {
      const keys = new Set<string>();
      const found = new Promise<void>((turn) => setImmediate(turn)).then(() => {
        open = undefined;
        return load([...keys]);
      });
      open = { keys, found };
    }
    open.keys.add(key);
    return (await open.found).get(key);
  };
}
