/** A run or logged model on both sides. */
export interface Moved {
  readonly from: string;
  readonly to: string;
  /** Roots of its artifacts. */
  readonly fromUri: string;
  readonly toUri: string;
}

/** Ids of runs, and of logged models with their prefix; longer hexadecimal words are digests. */
const ID = /(?<![0-9a-zA-Z])(?:m-)?[0-9a-f]{32}(?![0-9a-zA-Z])/g;

/** Which run and logged model became which, and texts with their ids in the new server's words. */
export class IdMap {
  readonly #byId = new Map<string, Moved>();

  add(moved: Moved): void {
    this.#byId.set(moved.from, moved);
  }

  find(id: string | undefined): Moved | undefined {
    return id === undefined ? undefined : this.#byId.get(id);
  }

  /** Roots of artifacts first, since they hold the ids and differ in more than those. */
  rewrite(text: string): string {
    const ids = new Set(text.match(ID) ?? []);
    let result = text;
    for (const id of ids) {
      const moved = this.#byId.get(id);
      if (moved !== undefined) result = result.replaceAll(moved.fromUri, moved.toUri);
    }
    // A root that was replaced holds new ids, which are no keys of this map.
    return result.replace(ID, (id) => this.#byId.get(id)?.to ?? id);
  }

  /** Ids of runs and logged models in the text that were not moved. */
  listUnknown(text: string): string[] {
    return [...new Set(text.match(ID) ?? [])].filter((id) => !this.#byId.has(id));
  }

  /** Run or logged model whose id is in the text and was moved. */
  findIn(text: string): Moved | undefined {
    return (text.match(ID) ?? []).map((id) => this.#byId.get(id)).find((moved) => moved !== undefined);
  }
}
