import { InferenceFailedError } from './errors.ts';
import { allocateTensorData, type NamedTensors, type Tensor, type TensorData } from './tensor.ts';

/**
 * Runs a model that was exported for a fixed number of rows on any number of them: one batch after the other, the last
 * one filled up with its last row.
 *
 * @param whole inputs that are no rows but the same for every batch
 */
export async function runInBatches(
  run: (feeds: NamedTensors) => Promise<NamedTensors>,
  feeds: NamedTensors,
  size: number,
  whole: ReadonlySet<string>,
): Promise<NamedTensors> {
  const rows = Object.entries(feeds).find(([name]) => !whole.has(name))?.[1].dims[0] ?? size;
  if (rows === size) return run(feeds);
  const answers: NamedTensors[] = [];
  for (let from = 0; from < rows; from += size) {
    const entries = Object.entries(feeds).map(([name, tensor]) => {
      return [name, whole.has(name) ? tensor : takeRows(tensor, from, size)] as const;
    });
    answers.push(await run(Object.fromEntries(entries)));
  }
  const names = Object.keys(answers[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, joinRows(name, answers, rows, size)]));
}

function takeRows({ type, data, dims }: Tensor, from: number, size: number): Tensor {
  const rows = dims[0] as number;
  const width = data.length / rows;
  const taken = allocateTensorData(type, size * width);
  for (let k = 0; k < size; k++) {
    copy(data, Math.min(from + k, rows - 1) * width, width, taken, k * width);
  }
  return { type, data: taken, dims: [size, ...dims.slice(1)] };
}

function joinRows(name: string, answers: readonly NamedTensors[], rows: number, size: number): Tensor {
  const { type, dims, data } = answers[0]![name]!;
  if (dims[0] !== size) {
    throw new InferenceFailedError(`The model's output '${name}' does not have one entry for each row.`);
  }
  const width = data.length / size;
  const joined = allocateTensorData(type, rows * width);
  answers.forEach((answer, index) => {
    const count = Math.min(size, rows - index * size) * width;
    copy(answer[name]!.data, 0, count, joined, index * size * width);
  });
  return { type, data: joined, dims: [rows, ...dims.slice(1)] };
}

function copy(from: TensorData, start: number, count: number, to: TensorData, at: number): void {
  for (let k = 0; k < count; k++) (to as unknown[])[at + k] = from[start + k];
}
