import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { createJudge, judgeTick } from '../../domain/deployment/judge/judge.ts';
import type { JudgeState, JudgeTick } from '../../domain/deployment/judge/judge-state.ts';
import { ExperimentSession } from './experiment-session.ts';
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
  #experiment: ExperimentSession | undefined;

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
    switch (message.type) {
      case 'start': {
        const { task, latencyEdgesMs } = message;
        this.#begin(createJudge(message.policy, { task, latencyEdgesMs }));
        return undefined;
      }
      case 'start-experiment':
        this.#begin(undefined, new ExperimentSession(message));
        return undefined;
      case 'end':
        this.#begin(undefined);
        return undefined;
      case 'arms':
        return this.#requireExperiment().judge(message);
      case 'assign':
        return this.#requireExperiment().assign(message);
      case 'tick':
        return this.#judge(message.tick);
    }
  }

  #begin(state: JudgeState | undefined, experiment?: ExperimentSession): void {
    this.#state = state;
    this.#experiment = experiment;
  }

  #requireExperiment(): ExperimentSession {
    if (this.#experiment !== undefined) return this.#experiment;
    throw new Error('There is no test: send a start line with the strategy ab-test first.');
  }

  #judge(tick: JudgeTick): object {
    if (this.#state === undefined) throw new Error('There is no rollout: send a start line first.');
    const { state, decision } = judgeTick(this.#state, tick);
    this.#state = state;
    return decision;
  }
}
