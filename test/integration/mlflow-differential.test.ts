import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { CloudCaller } from '../support/cloud-caller.ts';
import { type Answer, type Call, type Json, send, type Target } from '../support/mlflow-differential/call.ts';
import { continuePage, generateCall } from '../support/mlflow-differential/generate-call.ts';
import { normalizeAnswer } from '../support/mlflow-differential/normalize-answer.ts';
import { Random } from '../support/mlflow-differential/random.ts';
import { World } from '../support/mlflow-differential/world.ts';
import { startMlflowServer } from '../support/mlflow-server.ts';
import { useCloud } from '../support/shared-cloud.ts';

const getCloud = useCloud();

/** Both servers answer these within a minute. */
const CALLS = Number(process.env.PERENNIAL_DIFFERENTIAL_CALLS ?? 300);
const SEQUENCES = Number(process.env.PERENNIAL_DIFFERENTIAL_SEQUENCES ?? 1);
/** One that found something once; `PERENNIAL_DIFFERENTIAL_SEED=$RANDOM` looks for more. */
const FIRST_SEED = Number(process.env.PERENNIAL_DIFFERENTIAL_SEED ?? 364_835);
/** A difference leads to others, so that more of them tell nothing. */
const MOST_DIFFERENCES = 5;
const seeds = Array.from({ length: SEQUENCES }, (_, index) => FIRST_SEED + index);

describe("the same calls to MLflow's own server and to the platform", () => {
  it.for(seeds)(
    'get the same answers (PERENNIAL_DIFFERENTIAL_SEED=%d)',
    { timeout: 120_000 + CALLS * 1000 },
    async (seed) => {
      const server = await startMlflowServer();
      try {
        const caller = await CloudCaller.forNewTenant(getCloud(), `differential-${seed}`);
        const theirs: Target = { origin: server.origin, headers: {}, ids: new Map() };
        const headers = { authorization: `Bearer ${caller.token('operator')}` };
        const ours: Target = { origin: getCloud().apiUrl, headers, ids: new Map() };

        const differences = await compare(seed, theirs, ours);

        expect(differences.join('\n\n'), `seed ${seed}`).toBe('');
      } finally {
        server.stop();
      }
    },
  );
});

async function compare(seed: number, theirs: Target, ours: Target): Promise<string[]> {
  const world = new World(new Random(seed));
  const differences: string[] = [];
  let next: Call | undefined;
  for (let number = 1; number <= CALLS && differences.length < MOST_DIFFERENCES; number++) {
    const call = next ?? generateCall(world);
    const [expected, actual] = await Promise.all([send(theirs, call), send(ours, call)]);
    if (expected.status === 200) call.onSuccess?.(expected.body);
    const difference = describeDifference(
      normalizeAnswer(expected, theirs, call),
      normalizeAnswer(actual, ours, call),
    );
    if (difference !== undefined) differences.push(`call ${number}: ${describeCall(call)}\n${difference}`);
    const hasMore = learnToken(theirs, number, expected) && learnToken(ours, number, actual);
    next = hasMore ? continuePage(call, number) : undefined;
  }
  return differences;
}

function learnToken({ ids }: Target, number: number, { body }: Answer): boolean {
  if (typeof body.next_page_token !== 'string') return false;
  ids.set(`@token${number}`, body.next_page_token);
  return true;
}

/** MLflow answers some refusals with 500, which its clients repeat for minutes, or in its database's words. */
function describeDifference(expected: Json, actual: Json): string | undefined {
  const isOfDatabase = Number(expected.status) >= 500 || expected.error_code === 'BAD_REQUEST';
  if (isOfDatabase && Number(actual.status) >= 400 && Number(actual.status) < 500) return undefined;
  if (isDeepStrictEqual(expected, actual)) return undefined;
  return `  MLflow:    ${JSON.stringify(expected)}\n  Perennial: ${JSON.stringify(actual)}`;
}

function describeCall({ method, path, input }: Call): string {
  return `${method} ${path} ${JSON.stringify(input)}`;
}
