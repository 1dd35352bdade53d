import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { JudgeSession, runJudgeStdio } from '../../../../cli/offline/judge-stdio.ts';
import { emptyObservation, LATENCY_EDGES_MS } from '../../../../domain/shared/observation.ts';
import { drawMinute, uniformSource } from '../../domain/deployment/judge/fixtures.ts';

const start = {
  type: 'start',
  policy: {},
  seed: 7,
  task: 'classification',
  latency_edges_ms: LATENCY_EDGES_MS,
  score_bins: 20,
};

function tick(minute: number, changes: object = {}): object {
  const uniform = uniformSource(minute + 1);
  const [incumbent, candidate] = [drawMinute(uniform, 180, {}), drawMinute(uniform, 20, {})];
  return { type: 'tick', tick: minute, minute, weight: 0.1, incumbent, candidate, ...changes };
}

function say(session: JudgeSession, message: object): unknown {
  return session.answer(JSON.stringify(message));
}

describe('JudgeSession', () => {
  it('answers ticks and nothing else', () => {
    const session = new JudgeSession();

    expect(say(session, start)).toBeUndefined();
    expect(say(session, tick(0))).toMatchObject({ decision: 'CONTINUE', weight: 0.1 });
    expect(say(session, { type: 'end' })).toBeUndefined();
    expect(session.answer('')).toBeUndefined();
  });

  it.each([
    ['text', 'hello', 'not JSON'],
    ['a list', '[]', 'JSON object'],
    ['an unknown type', '{"type":"pause"}', 'start, tick, assign or end'],
    ['a start with a wrong policy', JSON.stringify({ ...start, policy: { alpha: 7 } }), 'policy.alpha'],
    ['a start with another task', JSON.stringify({ ...start, task: 'poetry' }), 'task'],
    ['a start with other score bins', JSON.stringify({ ...start, score_bins: 10 }), 'score_bins'],
    [
      'a start with falling edges',
      JSON.stringify({ ...start, latency_edges_ms: [3, 2, 1] }),
      'latency_edges_ms',
    ],
    ['a tick with a weight above 1', JSON.stringify(tick(1, { weight: 2 })), 'weight'],
    ['a tick without a candidate', JSON.stringify(tick(1, { candidate: null })), 'candidate'],
    [
      'half a request',
      JSON.stringify(tick(1, { candidate: { ...emptyObservation(), requests: 0.5 } })),
      'requests',
    ],
    [
      'more errors than requests',
      JSON.stringify(tick(1, { candidate: { ...emptyObservation(), errors: 1 } })),
      'errors',
    ],
    [
      'too few latency bins',
      JSON.stringify(tick(1, { candidate: { ...emptyObservation(), latency: [1] } })),
      'latency',
    ],
    [
      'outcomes of an unknown kind',
      JSON.stringify(tick(1, { candidate: { ...emptyObservation(), outcomes: { kind: 'ranking' } } })),
      'outcomes.kind',
    ],
    [
      'a negative error sum',
      JSON.stringify(
        tick(1, {
          candidate: {
            ...emptyObservation(),
            outcomes: { kind: 'regression', count: 1, abs_error_sum: -1, abs_error_sq_sum: 1 },
          },
        }),
      ),
      'abs_error_sum',
    ],
  ])('answers %s with an error that changes nothing', (_, line, message) => {
    const [disturbed, undisturbed] = [new JudgeSession(), new JudgeSession()];
    for (const session of [disturbed, undisturbed]) {
      say(session, start);
      say(session, tick(0));
    }

    const answer = disturbed.answer(line) as { error: string };

    expect(answer.error).toContain(message);
    expect(say(disturbed, tick(1))).toEqual(say(undisturbed, tick(1)));
  });

  it('refuses a tick before a start and after an end', () => {
    const session = new JudgeSession();

    expect(say(session, tick(0))).toMatchObject({ error: expect.stringContaining('start') });
    say(session, start);
    say(session, { type: 'end' });
    expect(say(session, tick(0))).toMatchObject({ error: expect.stringContaining('start') });
  });

  it('accepts regression outcomes and edges left at their default', () => {
    const session = new JudgeSession();
    const outcomes = { kind: 'regression', count: 2, abs_error_sum: 3, abs_error_sq_sum: 5 };
    say(session, { type: 'start', policy: {}, task: 'regression' });

    const answer = say(session, tick(0, { candidate: { ...emptyObservation(), outcomes } }));

    expect(answer).toMatchObject({ decision: 'CONTINUE' });
  });
});

describe('runJudgeStdio', () => {
  it('writes one line per tick at once and serves rollouts one after another', async () => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const done = runJudgeStdio(input, output);
    const answers: { decision?: string }[] = [];
    for (const candidate of [
      drawMinute(uniformSource(3), 20, { errorRate: 1 }),
      drawMinute(uniformSource(3), 20, {}),
    ]) {
      input.write(`${JSON.stringify(start)}\n${JSON.stringify(tick(0, { candidate }))}\n`);
      const [chunk] = await once(output, 'data');
      answers.push(
        ...String(chunk)
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line)),
      );
      input.write('{"type":"end"}\r\n');
    }
    input.end();
    await done;

    expect(answers.map(({ decision }) => decision)).toEqual(['ROLL_BACK', 'CONTINUE']);
  });

  it('ends when nobody reads its answers any more', async () => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const done = runJudgeStdio(input, output);

    output.destroy(new Error('EPIPE'));
    input.write(`${JSON.stringify(start)}\n`);

    await expect(done).resolves.toBeUndefined();
  });
});
