import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench, Figure } from './bench.ts';

/**
 * `npm run bench [-- NAME…] [--json]`: runs the benches whose file or own name is given, all of them without
 * names. Exits with 1 when a bar is missed or a bench fails, 2 when a name is unknown.
 */
async function main(args: readonly string[]): Promise<number> {
  const json = args.includes('--json');
  const wanted = args.filter((arg) => !arg.startsWith('--'));
  const benches = await findBenches();
  const chosen = benches.filter(
    ({ file, bench }) => wanted.length === 0 || wanted.includes(file) || wanted.includes(bench.name),
  );
  const known = new Set(benches.flatMap(({ file, bench }) => [file, bench.name]));
  const unknown = wanted.filter((name) => !known.has(name));
  if (unknown.length > 0) {
    console.error(`No bench '${unknown.join("', '")}'. There are: ${[...known].sort().join(', ')}.`);
    return 2;
  }
  const figures: Figure[] = [];
  let failed = false;
  for (const { bench } of chosen) {
    try {
      for (const figure of await bench.run()) {
        figures.push(figure);
        if (!json) console.log(toLine(figure));
      }
    } catch (error) {
      failed = true;
      console.error(`${bench.name} failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (json) console.log(JSON.stringify(figures, null, 2));
  return failed || figures.some(({ ok }) => ok === false) ? 1 : 0;
}

async function findBenches(): Promise<{ file: string; bench: Bench }[]> {
  const names = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.bench.ts'));
  const modules = await Promise.all(
    names.sort().map(async (name) => {
      const { bars } = (await import(join(import.meta.dirname, name))) as { bars: Bench[] };
      return bars.map((bench) => ({ file: name.replace('.bench.ts', ''), bench }));
    }),
  );
  return modules.flat();
}

/** `name value unit bar verdict`; a figure without a bar has `-` for both. */
function toLine({ name, value, unit, bar, ok }: Figure): string {
  const verdict = ok === undefined ? '-' : ok ? 'ok' : 'MISSED';
  return [name, Number(value.toPrecision(4)), unit, bar?.replaceAll(' ', '') ?? '-', verdict].join(' ');
}

process.exitCode = await main(process.argv.slice(2));
