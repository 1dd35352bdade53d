import type { Random } from './random.ts';

const RUN_CLAUSES = [
  'metrics.a > 0',
  'metrics.loss <= 1',
  'metrics.a != 0.5',
  'metric.`val/acc` >= -1',
  "params.a = 'v'",
  "param.b != 'v'",
  "params.a LIKE 'v%'",
  "params.Lr ILIKE '%V%'",
  "tags.a = 'v'",
  "tag.`x y` != 'w'",
  'tags."é" LIKE \'%\'',
  "attributes.status = 'RUNNING'",
  "status != 'FINISHED'",
  "run_name = 'one'",
  "attributes.run_name ILIKE 'T%'",
  "user_id = 'ada'",
  'start_time > 1750000002500',
  'attributes.end_time <= 1750000005001',
  'params.a IS NULL',
  'tags.b IS NOT NULL',
  'metrics.a > "x"',
  'params.a > 1',
  "bogus.a = 'x'",
  "experiment_id = '0'",
  'params.a = v',
  'metrics.a = ',
] as const;

const RUN_ORDERS = [
  'metrics.a',
  'metrics.a DESC',
  'metrics.loss ASC',
  'params.a',
  'params.b DESC',
  'tags.a',
  'tag.`x y` DESC',
  'attributes.start_time DESC',
  'start_time',
  'run_name',
  'status DESC',
  'end_time',
  'bogus.x',
  'metrics.a SIDEWAYS',
] as const;

/** One clause, sometimes two; a few are wrong. */
export function runFilter(random: Random): string {
  const clauses = random.chance(0.4)
    ? [random.pick(RUN_CLAUSES), random.pick(RUN_CLAUSES)]
    : [random.pick(RUN_CLAUSES)];
  return clauses.join(random.chance(0.5) ? ' AND ' : ' and ');
}

export function runOrder(random: Random): string[] {
  const first = random.pick(RUN_ORDERS);
  const second = random.pick(RUN_ORDERS);
  return random.chance(0.4) && second.split(' ')[0] !== first.split(' ')[0] ? [first, second] : [first];
}
