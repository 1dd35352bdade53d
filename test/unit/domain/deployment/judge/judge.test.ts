import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createJudge, judgeTick } from '../../../../../domain/deployment/judge/judge.ts';
import { parsePolicy } from '../../../../../domain/deployment/judge/policy.ts';
import { emptyObservation, type Observation } from '../../../../../domain/shared/observation.ts';
import { type Arm, drawMinute, runConstant, runRollout, uniformSource } from './fixtures.ts';

const SEEDS = Array.from({ length: 25 }, (_, k) => 101 + 17 * k);

function outcomes(requestsPerMinute: number, candidate: Arm, incumbent: Arm = {}) {
  return SEEDS.map((seed) => runRollout({ seed, requestsPerMinute, candidate, incumbent }));
}

describe('a good candidate', () => {
  it('is promoted at 200 requests a minute by minute 50, and rolled back with no seed', () => {
    const runs = outcomes(200, {});

    expect(runs.map((run) => run.state.outcome)).toEqual(SEEDS.map(() => 'PROMOTE'));
    expect(runs.filter((run) => run.decisions.length <= 50).length).toBeGreaterThanOrEqual(24);
  });

  it('climbs the steps of the plan, each for its shortest time', () => {
    const [run] = outcomes(200, {});

    const raises = run!.decisions.flatMap(({ cause, weight }, minute) =>
      cause === 'STEP_ADVANCED' ? [[minute, weight]] : [],
    );

    expect(raises.slice(0, 4)).toEqual([
      [4, 0.2],
      [9, 0.3],
      [14, 0.4],
      [19, 0.5],
    ]);
  });

  it.each([
    ['every answer', 0.1],
    ['most answers', 0.6],
  ])('is promoted when %s is faster than the bins can tell', (_, medianMs) => {
    const runs = outcomes(200, { medianMs }, { medianMs });

    expect(runs.map((run) => run.state.outcome)).toEqual(SEEDS.map(() => 'PROMOTE'));
    expect(runs.filter((run) => run.decisions.length <= 50).length).toBeGreaterThanOrEqual(24);
  });

  it('is not blamed for bursts that hit both versions', () => {
    const uniform = uniformSource(5);
    let state = createJudge(parsePolicy({}), { task: 'classification' });
    for (let minute = 0; minute < 40; minute += 1) {
      const errorRate = minute % 4 === 0 ? 0.5 : 0.01;
      const tick = { tick: minute, minute, weight: 0.5 };
      const incumbent = drawMinute(uniform, 100, { errorRate });
      const candidate = drawMinute(uniform, 100, { errorRate });
      state = judgeTick(state, { ...tick, incumbent, candidate }).state;
    }

    expect(state.outcome).not.toBe('ROLL_BACK');
  });
});

describe('a candidate that was too fast to be told apart', () => {
  it('is not promoted when it has become twenty times slower', () => {
    const runs = outcomes(200, { medianMs: 4 }, { medianMs: 0.2 });

    expect(runs.map((run) => run.state.outcome)).toEqual(SEEDS.map(() => 'ROLL_BACK'));
  });
});

describe('an outage of both versions', () => {
  it('is no harm by the candidate, even in minutes without incumbent requests', () => {
    const failing: Observation = { ...emptyObservation(), requests: 5, errors: 5 };

    const { state } = runConstant(60, emptyObservation(), failing, {}, 0.5);

    expect(state.outcome).toBeNull();
  });
});

describe('a bad candidate', () => {
  it.each<[string, number, Arm, number, string]>([
    ['crashes at 200 requests a minute', 200, { errorRate: 1 }, 1, 'errorRate'],
    ['crashes at 20 requests a minute', 20, { errorRate: 1 }, 4, 'errorRate'],
    ['fails five times as often', 200, { errorRate: 0.05 }, 12, 'errorRate'],
    ['is twice as slow', 200, { medianMs: 80 }, 7, 'latencyP95'],
    ['shifts its scores', 200, { scoreCentre: 12 }, 6, 'scoreShift'],
    ['answers a constant', 200, { constantBin: 8 }, 4, 'constantAnswers'],
    ['is wrong thrice as often', 200, { wrongRate: 0.3 }, 12, 'quality'],
  ])('is rolled back when it %s', (_, rate, candidate, withinMinutes, guardrail) => {
    for (const run of outcomes(rate, candidate)) {
      const last = run.decisions.at(-1)!;

      expect(run.state.outcome).toBe('ROLL_BACK');
      expect(last).toMatchObject({ cause: 'HARM', weight: 0 });
      expect(last.reason).toContain(guardrail);
    }
    const minutes = outcomes(rate, candidate).map((run) => run.decisions.length);
    expect(minutes.toSorted((a, b) => a - b)[12]).toBeLessThanOrEqual(withinMinutes);
  });

  it('serves at most six requests on average when it crashes at 20 a minute', () => {
    const served = outcomes(20, { errorRate: 1 }).map((run) => run.candidateRequests);

    expect(served.reduce((sum, requests) => sum + requests, 0) / served.length).toBeLessThanOrEqual(6);
  });

  it('is found by its failures when it dies without a line, in spite of empty histograms', () => {
    const uniform = uniformSource(3);
    const incumbent = drawMinute(uniform, 180, {});
    const candidate: Observation = { ...emptyObservation(), requests: 20, errors: 20 };

    const { decisions } = runConstant(5, incumbent, candidate);

    expect(decisions).toHaveLength(1);
    expect(decisions[0]).toMatchObject({ decision: 'ROLL_BACK', cause: 'HARM' });
  });

  it('is found when it has all the traffic and nearly all of it fails', () => {
    const candidate: Observation = { ...emptyObservation(), requests: 60, errors: 60 };

    const { decisions } = runConstant(3, emptyObservation(), candidate, { firstWeight: 1 }, 1);

    expect(decisions.at(-1)).toMatchObject({ decision: 'ROLL_BACK', cause: 'HARM' });
  });
});

describe('silence', () => {
  const busy = drawMinute(uniformSource(1), 180, {});

  it.each([
    ['nobody calls', emptyObservation(), 41],
    ['only the incumbent is called', busy, 41],
  ])('pauses after five minutes and ends after half an hour more: %s', (_, incumbent) => {
    const { decisions, state } = runConstant(200, incumbent);

    const paused = decisions.filter(({ decision }) => decision === 'PAUSE');
    expect(decisions.findIndex(({ decision }) => decision === 'PAUSE')).toBe(4);
    expect(paused.length).toBeGreaterThanOrEqual(30);
    expect(decisions.at(-1)).toMatchObject({ decision: 'ROLL_BACK', cause: 'NO_DATA' });
    expect(decisions.at(-1)!.reason).toContain('NO_DATA');
    expect(state.outcome).toBe('ROLL_BACK');
  });

  it('is not held against the candidate while so little traffic makes it likely', () => {
    const { decisions } = runConstant(60, drawMinute(uniformSource(1), 1, {}));

    expect(new Set(decisions.slice(4).map(({ decision }) => decision))).toEqual(new Set(['PAUSE']));
  });

  it('ends with the next request', () => {
    const { state } = runConstant(10, busy);

    const { decision } = judgeTick(state, {
      tick: 10,
      minute: 10,
      weight: 0.1,
      incumbent: busy,
      candidate: drawMinute(uniformSource(2), 20, {}),
    });

    expect(decision.decision).toBe('CONTINUE');
  });

  it('is never promoted, whatever came before and whatever the policy', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 44 }),
        fc.record({
          stepMinutes: fc.integer({ min: 1, max: 6 }),
          minRequestsPerStep: fc.integer({ min: 0, max: 100 }),
          noDataMinutes: fc.integer({ min: 1, max: 20 }),
        }),
        (minutes, policy) => {
          const before = runRollout({ seed: 9, requestsPerMinute: 60, policy, minutes });
          let { state } = before;
          const decisions: string[] = [];
          for (let minute = minutes; minute < 140 && state.outcome === null; minute += 1) {
            const silent = {
              tick: minute,
              minute,
              weight: 0.5,
              incumbent: busy,
              candidate: emptyObservation(),
            };
            const answer = judgeTick(state, silent);
            state = answer.state;
            decisions.push(answer.decision.decision);
          }

          expect(decisions).not.toContain('PROMOTE');
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('an undecided rollout', () => {
  it('is rolled back after maxMinutes and not before', () => {
    const { decisions } = runRollout({ seed: 4, requestsPerMinute: 4, policy: { maxMinutes: 20 } });

    expect(decisions).toHaveLength(21);
    expect(decisions.at(-1)).toMatchObject({ decision: 'ROLL_BACK', cause: 'TIMEOUT' });
  });

  it('says which samples or doubts it waits for', () => {
    const { decisions } = runRollout({ seed: 4, requestsPerMinute: 20, minutes: 60 });

    const reasons = decisions.map(({ reason }) => reason).join('\n');
    expect(reasons).toMatch(/Step 1: minute 1 of 5\./);
    expect(reasons).toMatch(/Step 1: \d+ of 50 candidate requests\./);
    expect(reasons).toMatch(/Not enough evidence yet to exclude harm: /);
  });

  it('does not raise the weight while evidence of harm grows', () => {
    const run = runRollout({
      seed: 12,
      requestsPerMinute: 200,
      incumbent: { errorRate: 0.02 },
      candidate: { errorRate: 0.04 },
    });

    expect(run.decisions.some(({ reason }) => reason.startsWith('Evidence of harm is growing'))).toBe(true);
  });

  it('waits for labels of both versions once one has some', () => {
    const uniform = uniformSource(8);
    let state = createJudge(parsePolicy({}), { task: 'classification' });
    let reason = '';
    for (let minute = 0; minute < 100; minute += 1) {
      const incumbent = drawMinute(uniform, 100, {});
      const candidate = { ...drawMinute(uniform, 100, {}), outcomes: null };
      const answer = judgeTick(state, { tick: minute, minute, weight: 0.5, incumbent, candidate });
      state = answer.state;
      reason = answer.decision.reason;
    }

    expect(state.outcome).toBeNull();
    expect(reason).toContain('quality has 0 of 30 labels');
  });
});

describe('the state', () => {
  it('is at most 4 KB of plain JSON and resumes identically', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(4, 40, 400), (seed, requestsPerMinute) => {
        const kept = runRollout({ seed, requestsPerMinute, minutes: 30 });
        const stored = runRollout({
          seed,
          requestsPerMinute,
          minutes: 30,
          store: (state) => JSON.parse(JSON.stringify(state)),
        });

        expect(stored.state).toEqual(kept.state);
        expect(stored.decisions).toEqual(kept.decisions);
        expect(JSON.stringify(kept.state).length).toBeLessThanOrEqual(4096);
      }),
      { numRuns: 10 },
    );
  });

  it('does not change when a minute is judged twice', () => {
    const { state } = runRollout({ seed: 1, requestsPerMinute: 50, minutes: 10 });
    const again = {
      tick: 9,
      minute: 9,
      weight: 0.1,
      incumbent: emptyObservation(),
      candidate: emptyObservation(),
    };

    const answer = judgeTick(state, again);

    expect(answer.state).toBe(state);
    expect(answer.decision).toMatchObject({ decision: 'CONTINUE', cause: 'ALREADY_JUDGED' });
  });

  it('keeps the outcome once there is one', () => {
    const { state } = runRollout({ seed: 1, requestsPerMinute: 200, candidate: { errorRate: 1 } });
    const later = {
      tick: 50,
      minute: 50,
      weight: 0,
      incumbent: emptyObservation(),
      candidate: emptyObservation(),
    };

    const answer = judgeTick(state, later);

    expect(answer.state).toBe(state);
    expect(answer.decision).toMatchObject({ decision: 'ROLL_BACK', cause: 'ALREADY_DECIDED', weight: 0 });
  });

  it('tells each guardrail with statistic, boundary, both values and samples', () => {
    const { decisions } = runRollout({ seed: 1, requestsPerMinute: 200, minutes: 12 });

    const { guardrails } = decisions.at(-1)!;
    expect(guardrails.map(({ name }) => name)).toEqual([
      'errorRate',
      'latencyP95',
      'scoreShift',
      'constantAnswers',
      'quality',
    ]);
    for (const report of guardrails) {
      expect(report.boundary).toBeGreaterThan(100);
      expect(Number.isFinite(report.statistic)).toBe(true);
      expect(report.samples).toBeGreaterThan(0);
      expect(report.candidate).not.toBeNull();
    }
  });
});
