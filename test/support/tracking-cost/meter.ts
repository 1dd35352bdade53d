import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** What a sequence of calls cost, by DynamoDB's published rules. */
export interface Consumption {
  readonly calls: number;
  readonly writeUnits: number;
  readonly readUnits: number;
  /** Bytes of the items that were read, as DynamoDB counts them. */
  readonly bytesRead: number;
}

type Item = Readonly<Record<string, unknown>>;
interface Charge {
  readonly writeUnits?: number;
  readonly readUnits?: number;
  readonly bytesRead?: number;
}

/**
 * Counts what a client sends: an emulator's own capacity figures cannot be trusted, so units are computed from the
 * items themselves. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export class Meter {
  #calls = 0;
  #writeUnits = 0;
  #readUnits = 0;
  #bytesRead = 0;

  constructor(client: DynamoDBDocumentClient) {
    client.middlewareStack.add(
      (next, context) => async (args) => {
        this.#calls += 1;
        const result = await next(args);
        const charge = chargeOf(String(context.commandName), args.input, result.output);
        this.#writeUnits += charge.writeUnits ?? 0;
        this.#readUnits += charge.readUnits ?? 0;
        this.#bytesRead += charge.bytesRead ?? 0;
        return result;
      },
      { step: 'initialize', name: 'meter' },
    );
  }

  async measure(run: () => Promise<unknown>): Promise<Consumption> {
    [this.#calls, this.#writeUnits, this.#readUnits, this.#bytesRead] = [0, 0, 0, 0];
    await run();
    return {
      calls: this.#calls,
      writeUnits: this.#writeUnits,
      readUnits: this.#readUnits,
      bytesRead: this.#bytesRead,
    };
  }
}

// biome-ignore lint/suspicious/noExplicitAny: inputs and outputs of five commands, each read as its own
function chargeOf(command: string, input: any, output: any): Charge {
  if (command === 'PutItemCommand') return { writeUnits: toWriteUnits(input.Item) };
  if (command === 'TransactWriteItemsCommand') {
    const items: Item[] = input.TransactItems.flatMap(
      (entry: { Put?: { Item: Item } }) => entry.Put?.Item ?? [],
    );
    return { writeUnits: items.reduce((sum, item) => sum + 2 * toWriteUnits(item), 0) };
  }
  if (command === 'GetItemCommand') return readOneByOne(output.Item === undefined ? [] : [output.Item]);
  if (command === 'BatchGetItemCommand')
    return readOneByOne(Object.values(output.Responses ?? {}).flat() as Item[]);
  if (command === 'QueryCommand') {
    const bytesRead = (output.Items ?? []).reduce((sum: number, item: Item) => sum + sizeOf(item), 0);
    return { bytesRead, readUnits: Math.ceil(bytesRead / 4096) };
  }
  throw new Error(`The meter does not know ${command}.`);
}

function readOneByOne(items: readonly Item[]): Charge {
  const sizes = items.map(sizeOf);
  return {
    bytesRead: sizes.reduce((sum, size) => sum + size, 0),
    readUnits: sizes.reduce((sum, size) => sum + Math.ceil(size / 4096), 0),
  };
}

function toWriteUnits(item: Item): number {
  return Math.ceil(sizeOf(item) / 1024);
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html#ItemSizeCalculations */
export function sizeOf(item: Item): number {
  return Object.entries(item)
    .filter(([, value]) => value !== undefined)
    .reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueSize(value), 0);
}

function valueSize(value: unknown): number {
  if (value instanceof Uint8Array) return value.byteLength;
  if (typeof value === 'string') return Buffer.byteLength(value);
  // A number has a byte for each two of its digits and one more; 21 bytes at most.
  if (typeof value === 'number') return Math.min(21, Math.ceil(String(Math.abs(value)).length / 2) + 1);
  if (Array.isArray(value)) return value.reduce((sum, entry) => sum + 1 + valueSize(entry), 3);
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
    return entries.reduce((sum, [name, entry]) => sum + 1 + Buffer.byteLength(name) + valueSize(entry), 3);
  }
  return 1;
}
