import { MlflowError } from './mlflow-error.ts';
import { attempt, type MoveContext } from './move-context.ts';

/**
 * Logs entries of a run in batches. A batch that is refused is halved until the entries are found that the
 * target does not take (older servers allowed more); the others arrive.
 */
export async function logSplitting<T extends { readonly key: string }>(
  context: MoveContext,
  label: string,
  runId: string,
  kind: 'params' | 'tags' | 'metrics',
  entries: readonly T[],
  perBatch: number,
): Promise<void> {
  for (let at = 0; at < entries.length; at += perBatch) {
    await logBatch(context, label, runId, kind, entries.slice(at, at + perBatch));
  }
}

async function logBatch<T extends { readonly key: string }>(
  context: MoveContext,
  label: string,
  runId: string,
  kind: 'params' | 'tags' | 'metrics',
  batch: readonly T[],
): Promise<void> {
  const send = async () => {
    await context.target.post('runs/log-batch', { run_id: runId, [kind]: batch });
  };
  const [only, ...others] = batch;
  if (only !== undefined && others.length === 0) {
    await attempt(context, `${label}: ${kind} '${only.key}'`, send);
    return;
  }
  try {
    await send();
  } catch (error) {
    if (!(error instanceof MlflowError && error.status === 400)) throw error;
    const middle = Math.ceil(batch.length / 2);
    await logBatch(context, label, runId, kind, batch.slice(0, middle));
    await logBatch(context, label, runId, kind, batch.slice(middle));
  }
}
