import type { ExperimentArm } from '../../domain/deployment/experiment/assign-arm.ts';
import {
  type ExperimentPolicy,
  parseExperimentPolicy,
} from '../../domain/deployment/experiment/experiment-policy.ts';
import type { ArmMinute } from '../../domain/deployment/experiment/judge-experiment.ts';
import { type Fields, readCount, readSum, toFields } from './line-fields.ts';

/** Shares that are written as thirds still add up to 1. */
const SHARE_TOLERANCE = 1e-6;

export interface ExperimentStartLine {
  readonly type: 'start-experiment';
  readonly policy: ExperimentPolicy;
  readonly arms: readonly ExperimentArm[];
}

export interface ArmsLine {
  readonly type: 'arms';
  readonly minute: number;
  readonly arms: readonly ArmMinute[];
}

export interface AssignLine {
  readonly type: 'assign';
  readonly key: string;
  readonly secret: string;
  readonly test: string;
  /** Absent: the shares of the start line. */
  readonly arms: readonly ExperimentArm[] | undefined;
}

export function readExperimentStart(message: Fields): ExperimentStartLine {
  const policy = parseExperimentPolicy(message.policy);
  return { type: 'start-experiment', policy, arms: readArms(message.arms) };
}

/** One minute of every arm. */
export function readArmsTick(message: Fields): ArmsLine {
  const arms = toList(message.arms).map((value, k) => readArm(toFields(value, `arms[${k}]`), `arms[${k}]`));
  return { type: 'arms', minute: readCount(message.minute, 'minute'), arms };
}

export function readAssign(message: Fields): AssignLine {
  const { key, secret = '', test = '', arms } = message;
  if (typeof key !== 'string' || key === '') throw new Error('key must be a text.');
  if (typeof secret !== 'string' || typeof test !== 'string')
    throw new Error('secret and test must be texts.');
  return { type: 'assign', key, secret, test, arms: arms === undefined ? undefined : readArms(arms) };
}

function readArms(value: unknown): ExperimentArm[] {
  const arms = toList(value).map((one, k) => {
    const { version, share } = toFields(one, `arms[${k}]`);
    return { version: readCount(version, `arms[${k}].version`), share: readSum(share, `arms[${k}].share`) };
  });
  const total = arms.reduce((sum, { share }) => sum + share, 0);
  if (arms.length < 2 || new Set(arms.map(({ version }) => version)).size < arms.length) {
    throw new Error('arms must be two or more versions, each once, the champion first.');
  }
  if (Math.abs(total - 1) > SHARE_TOLERANCE || arms.some(({ share }) => share === 0)) {
    throw new Error('The shares of the arms must be above 0 and add up to 1.');
  }
  return arms;
}

function readArm(fields: Fields, path: string): ArmMinute {
  const goal = toFields(fields.goal ?? {}, `${path}.goal`);
  const [units, sum] = [readCount(goal.units ?? 0, `${path}.goal.units`), goal.sum ?? 0];
  return {
    version: readCount(fields.version, `${path}.version`),
    units: readCount(fields.units, `${path}.units`),
    goal: {
      units,
      sum: readSum(sum, `${path}.goal.sum`),
      sumOfSquares: readSum(goal.sum_of_squares ?? sum, `${path}.goal.sum_of_squares`),
    },
  };
}

function toList(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new Error('arms must be a list.');
  return value;
}
