import { JudgeSession } from '../../cli/offline/judge-stdio.ts';
import { createJudge, judgeTick } from '../../domain/deployment/judge/judge.ts';
import type { JudgeTick } from '../../domain/deployment/judge/judge-state.ts';
import { parsePolicy } from '../../domain/deployment/judge/policy.ts';
import type { Figure } from '../bench.ts';
import { casesAt } from './cases.ts';
import { Traffic } from './traffic.ts';

const TICKS_PER_SECOND = 10_000;
const ROUNDS = 200;
const MINUTES = 45;

/** Judged minutes a second on one core, by function call and through the line protocol. */
export function measureSpeed(seed: number): Figure[] {
  const ticks = recordTicks(seed);
  const lines = ticks.map((tick) => JSON.stringify({ type: 'tick', ...tick }));
  const byCall = measureRounds(() => {
    let state = createJudge(parsePolicy({}), { task: 'classification' });
    for (const tick of ticks) state = judgeTick(state, tick).state;
  });
  const byLine = measureRounds(() => {
    const session = new JudgeSession();
    session.answer('{"type":"start","policy":{},"task":"classification"}');
    for (const line of lines) JSON.stringify(session.answer(line));
  });
  return [
    {
      name: 'judge: ticks by call',
      value: byCall,
      unit: 'ticks/s',
      bar: '>= 10000',
      ok: byCall >= TICKS_PER_SECOND,
    },
    {
      name: 'judge: ticks by line',
      value: byLine,
      unit: 'ticks/s',
      bar: '>= 10000',
      ok: byLine >= TICKS_PER_SECOND,
    },
  ];
}

/** A whole good rollout at 2,000 requests a minute: the dearest minutes of the bar. */
function recordTicks(seed: number): JudgeTick[] {
  const scenario = casesAt(2000).find(({ kind }) => kind === 'good');
  if (scenario === undefined) throw new Error('There is no good case.');
  const traffic = new Traffic(scenario.world, seed);
  return Array.from({ length: MINUTES }, (_, minute) => {
    const weight = 0.1 * (1 + Math.floor(minute / 5));
    return {
      tick: minute,
      minute,
      weight,
      ...traffic.minute(minute, weight, scenario.incumbent, scenario.candidate),
    };
  });
}

function measureRounds(run: () => void): number {
  for (let k = 0; k < ROUNDS / 10; k += 1) run();
  const start = performance.now();
  for (let k = 0; k < ROUNDS; k += 1) run();
  return Math.round((1000 * ROUNDS * MINUTES) / (performance.now() - start));
}
