import { checkExample } from '../../../domain/serving/check-example.ts';
import type { CheckResult } from '../../../domain/serving/contract.ts';
import { toFailure } from './answers.ts';
import type { ServingRuntime } from './serving-runtime.ts';

/** Runs the version's own example, before any caller's request reaches it. */
export async function checkVersion(runtime: ServingRuntime): Promise<CheckResult> {
  const { model, example, loadMs } = runtime;
  if (example === undefined) return { ok: true, maxDifference: null, loadMs };
  try {
    const { maxDifference, mismatch } = await checkExample(model, example);
    if (mismatch === undefined) return { ok: true, maxDifference, loadMs };
    const error = `The example's answer differs by more than ${example.tolerance}: ${mismatch}.`;
    return { ok: false, maxDifference, loadMs, error };
  } catch (error) {
    runtime.reportFailure(error, 'check');
    return { ok: false, maxDifference: null, loadMs, error: toFailure(error).message };
  }
}
