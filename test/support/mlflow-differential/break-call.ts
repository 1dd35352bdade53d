import type { Call } from './call.ts';
import type { Random } from './random.ts';

const LONG = 'x'.repeat(9000);
const WRONG = [null, '', 5, 1.5, true, 'text', [], ['x'], {}, { b: 1, a: 'é' }, LONG] as const;

/**
 * What MLflow's server does not check it leaves out in silence, half-way through reading the request; the platform
 * refuses it. So these are not broken: entries of lists, enums, and numbers that are almost right.
 */
const UNCHECKED = [
  'tags',
  'metrics',
  'params',
  'datasets',
  'user_id',
  'page_token',
  'run_view_type',
  'view_type',
  'status',
];
const NUMBERS = ['start_time', 'end_time', 'timestamp', 'step', 'max_results', 'value'];
/** SQLite does not hold MLflow to the length of its own column. */
const MODEL_NAMES = ['name', 'new_name'];

/**
 * What the platform has a default for: MLflow makes up a run's name, starts it in 1970, keeps an empty experiment id
 * from its database by an error, and asks for a size of the page that its own documentation calls optional. Of a
 * wrong search of experiments it calls the view type wrong, which it takes by name when all else is right.
 */
const UNALIKE: Readonly<Record<string, readonly string[]>> = {
  'runs/create': ['run_name', 'experiment_id', 'start_time'],
  'experiments/search': ['max_results', 'order_by', 'filter'],
};

/** The same call with one argument that is absent, of another type or too long. */
export function breakCall(call: Call, random: Random): Call {
  const isKept = (name: string) => UNCHECKED.includes(name) || UNALIKE[call.path]?.includes(name) === true;
  const names = Object.keys(call.input).filter((name) => !isKept(name));
  const name = random.pick(names);
  const { onSuccess: _, ...rest } = call;
  const { [name]: argument, ...others } = call.input;
  if (argument === undefined) return rest;
  if (random.chance(0.3) || call.method === 'GET') return { ...rest, input: others };
  const wrong = WRONG.filter((value) => {
    if (NUMBERS.includes(name) && (value === 1.5 || value === true || value === null)) return false;
    return !(MODEL_NAMES.includes(name) && value === LONG);
  });
  return { ...rest, input: { ...others, [name]: random.pick(wrong) } };
}
