import type { JudgeContext, JudgeTick } from '../../domain/deployment/judge/judge-state.ts';
import { parsePolicy, type RolloutPolicy } from '../../domain/deployment/judge/policy.ts';
import {
  LATENCY_EDGES_MS,
  type Observation,
  type Outcomes,
  SCORE_BINS,
} from '../../domain/shared/observation.ts';
import {
  type ArmsLine,
  type AssignLine,
  type ExperimentStartLine,
  readArmsTick,
  readAssign,
  readExperimentStart,
} from './experiment-lines.ts';
import { type Fields, readCount, readSum, toFields } from './line-fields.ts';

export interface StartLine {
  readonly type: 'start';
  readonly policy: RolloutPolicy;
  readonly task: JudgeContext['task'];
  readonly latencyEdgesMs: readonly number[];
}

export interface TickLine {
  readonly type: 'tick';
  readonly tick: JudgeTick;
}

export interface EndLine {
  readonly type: 'end';
}

export type JudgeLine = StartLine | TickLine | ExperimentStartLine | ArmsLine | AssignLine | EndLine;

/** Checks by hand: ten thousand lines of 236 counts a second are too many for a schema library. */
export function readJudgeLine(line: string): JudgeLine {
  const message = toFields(parseJson(line), 'The line');
  switch (message.type) {
    case 'start':
      return message.strategy === 'ab-test' ? readExperimentStart(message) : readStart(message);
    case 'assign':
      return readAssign(message);
    case 'tick':
      if (message.arms !== undefined) return readArmsTick(message);
      return { type: 'tick', tick: readTick(message) };
    case 'end':
      return { type: 'end' };
    default:
      throw new Error(`type must be start, tick, assign or end, not ${JSON.stringify(message.type)}.`);
  }
}

function readStart(message: Fields): StartLine {
  const task = message.task ?? 'classification';
  if (task !== 'classification' && task !== 'regression') {
    throw new Error('task must be classification or regression.');
  }
  if (message.score_bins !== undefined && message.score_bins !== SCORE_BINS) {
    throw new Error(`score_bins must be ${SCORE_BINS}.`);
  }
  const latencyEdgesMs = readEdges(message.latency_edges_ms);
  return { type: 'start', policy: parsePolicy(message.policy), task, latencyEdgesMs };
}

function readEdges(value: unknown): readonly number[] {
  if (value === undefined) return LATENCY_EDGES_MS;
  const isRising = (edge: unknown, k: number, edges: unknown[]) =>
    typeof edge === 'number' && edge > (k === 0 ? 0 : (edges[k - 1] as number)) && Number.isFinite(edge);
  if (!Array.isArray(value) || value.length !== LATENCY_EDGES_MS.length || !value.every(isRising)) {
    throw new Error(`latency_edges_ms must be ${LATENCY_EDGES_MS.length} rising positive numbers.`);
  }
  return value as number[];
}

function readTick(message: Fields): JudgeTick {
  const { weight } = message;
  if (typeof weight !== 'number' || !(weight >= 0 && weight <= 1)) {
    throw new Error('weight must be a number from 0 to 1.');
  }
  return {
    tick: readCount(message.tick, 'tick'),
    minute: readCount(message.minute, 'minute'),
    weight,
    incumbent: readObservation(message.incumbent, 'incumbent'),
    candidate: readObservation(message.candidate, 'candidate'),
  };
}

function readObservation(value: unknown, path: string): Observation {
  const fields = toFields(value, path);
  const requests = readCount(fields.requests, `${path}.requests`);
  const errors = readCount(fields.errors, `${path}.errors`);
  if (errors > requests) throw new Error(`${path}.errors must not exceed ${path}.requests.`);
  return {
    requests,
    errors,
    latency: readCounts(fields.latency, LATENCY_EDGES_MS.length + 1, `${path}.latency`),
    score: readCounts(fields.score, SCORE_BINS, `${path}.score`),
    outcomes: readOutcomes(fields.outcomes, `${path}.outcomes`),
  };
}

function readOutcomes(value: unknown, path: string): Outcomes | null {
  if (value === null || value === undefined) return null;
  const fields = toFields(value, path);
  const count = (name: string) => readCount(fields[name], `${path}.${name}`);
  if (fields.kind === 'classification') {
    return { kind: 'classification', tp: count('tp'), fp: count('fp'), tn: count('tn'), fn: count('fn') };
  }
  if (fields.kind !== 'regression') throw new Error(`${path}.kind must be classification or regression.`);
  const sum = (name: string) => readSum(fields[name], `${path}.${name}`);
  return {
    kind: 'regression',
    count: count('count'),
    abs_error_sum: sum('abs_error_sum'),
    abs_error_sq_sum: sum('abs_error_sq_sum'),
  };
}

function readCounts(value: unknown, length: number, path: string): number[] {
  if (!Array.isArray(value) || value.length !== length) throw new Error(`${path} must be ${length} counts.`);
  for (let k = 0; k < length; k += 1) readCount(value[k], path);
  return value as number[];
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new Error('The line is not JSON.');
  }
}
