import { setTimeout as sleep } from 'node:timers/promises';
import type { CloudCaller } from './cloud-caller.ts';

export interface Answered {
  readonly status: number;
  /** Model version that answered; undefined when none could. */
  readonly version: string | undefined;
}

export interface Traffic {
  readonly answers: readonly Answered[];
  /** Sends no more, and waits for what is still under way. */
  readonly stop: () => Promise<readonly Answered[]>;
}

/** Calls an endpoint at a steady pace, whether or not the last calls were answered yet. */
export function callSteadily(caller: CloudCaller, url: string, body: unknown, everyMs: number): Traffic {
  const answers: Answered[] = [];
  const underWay = new Set<Promise<void>>();
  let isStopped = false;
  const call = async () => {
    const { status, headers } = await caller.call('POST', `${url}/invocations`, body, 'invoker');
    answers.push({ status, version: headers.get('x-model-version') ?? undefined });
  };
  const loop = async () => {
    while (!isStopped) {
      const one = call().finally(() => underWay.delete(one));
      underWay.add(one);
      await sleep(everyMs);
    }
    await Promise.all(underWay);
  };
  const looping = loop();
  return {
    answers,
    stop: async () => {
      isStopped = true;
      await looping;
      return answers;
    },
  };
}
