import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { createJudge, judgeTick } from '../../domain/deployment/judge/judge.ts';
import type { JudgeState } from '../../domain/deployment/judge/judge-state.ts';
import { readJudgeLine } from './judge-lines.ts';

/**
 * The rollout judge as a line protocol: `start`, one `tick` a minute (each answered by one line), `end`; one
 * process serves many rollouts one after another. A line that is wrong is answered with `{"error"}` and changes
 * nothing. Resolves when the input ends or nobody reads the output any more.
 */
export async function runJudgeStdio(input: Readable, output: Writable): Promise<void> {
  const session = new JudgeSession();
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  let isClosed = false;
  const close = () => {
    isClosed = true;
    lines.close();
  };
  // A reader that went away (EPIPE) is the end of the conversation, not a failure.
  output.on('error', close);
  try {
    for await (const line of lines) {
      const answer = session.answer(line);
      if (answer === undefined) continue;
      if (isClosed) return;
      if (!output.write(`${JSON.stringify(answer)}\n`))
        await Promise.race([once(output, 'drain'), once(lines, 'close')]);
    }
  } finally {
    output.off('error', close);
  }
}

/** One conversation: at most one rollout at a time. */
export class JudgeSession {
  #state: JudgeState | undefined;

  /** The answer to a line; undefined when the line needs none. */
  answer(line: string): object | undefined {
    if (line.trim() === '') return undefined;
    try {
      return this.#handle(line);
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    }
  }

  #handle(line: string): object | undefined {
    const message = readJudgeLine(line);
    if (message.type === 'start') {
      const { task, latencyEdgesMs } = message;
      this.#state = createJudge(message.policy, { task, latencyEdgesMs });
      return undefined;
    }
    if (message.type === 'end') {
      this.#state = undefined;
      return undefined;
    }
    if (this.#state === undefined) throw new Error('There is no rollout: send a start line first.');
    const { state, decision } = judgeTick(this.#state, message.tick);
    this.#state = state;
    return decision;
  }
}
