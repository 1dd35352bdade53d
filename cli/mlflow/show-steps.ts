import { Listr, ListrLogger, PRESET_TIMER, ProcessOutput } from 'listr2';
import type { ShowStep } from './move.ts';

/** Steps that take minutes say each few seconds how far they are. */
const LINE_EVERY_MS = 5_000;

/** A terminal shows steps live, a file gets lines, and programs get JSON lines; all on stderr. */
export function chooseShow(isJson: boolean): ShowStep {
  if (isJson) return showLines((event) => process.stderr.write(`${JSON.stringify(event)}\n`));
  const isLive = process.stderr.isTTY && process.env.NO_COLOR === undefined;
  return isLive ? showLive : showLines((event) => process.stderr.write(`${toLine(event)}\n`));
}

export interface StepEvent {
  readonly step: string;
  readonly state: 'begun' | 'working' | 'done' | 'failed';
  readonly count?: number;
  readonly of?: number;
  readonly seconds?: number;
}

export function showLines(write: (event: StepEvent) => void, now: () => number = Date.now): ShowStep {
  return async (step, work) => {
    const begun = now();
    let told = begun;
    let last: { count?: number; of?: number } = {};
    write({ step, state: 'begun' });
    const seconds = () => Math.round((now() - begun) / 100) / 10;
    try {
      const result = await work({
        at: (count, of) => {
          last = of === undefined ? { count } : { count, of };
          if (now() - told < LINE_EVERY_MS) return;
          told = now();
          write({ step, state: 'working', ...last, seconds: seconds() });
        },
      });
      write({ step, state: 'done', ...last, seconds: seconds() });
      return result;
    } catch (error) {
      write({ step, state: 'failed', ...last, seconds: seconds() });
      throw error;
    }
  };
}

export function toLine({ step, state, count, of, seconds }: StepEvent): string {
  const far = count === undefined ? '' : of === undefined ? ` ${count}` : ` ${count} of ${of}`;
  const time = seconds === undefined ? '' : ` (${seconds} s)`;
  return state === 'begun' ? `${step} …` : `${step}: ${state}${far}${time}`;
}

const showLive: ShowStep = async (step, work) => {
  let result: Awaited<ReturnType<typeof work>> | undefined;
  const list = new Listr(
    [
      {
        title: step,
        task: async (_, task) => {
          result = await work({
            at: (count, of) => {
              task.title = of === undefined ? `${step}: ${count}` : `${step}: ${count} of ${of}`;
            },
          });
        },
      },
    ],
    {
      registerSignalListeners: false,
      renderer: 'default',
      rendererOptions: {
        timer: PRESET_TIMER,
        logger: new ListrLogger({ processOutput: new ProcessOutput(process.stderr, process.stderr) }),
      },
    },
  );
  await list.run();
  return result as Awaited<ReturnType<typeof work>>;
};
