import { InvalidParameterError } from './errors.ts';

/** The run a request names: `run_id`, or `run_uuid` from old clients. */
export function requireRunId(reference: {
  run_id?: string | undefined;
  run_uuid?: string | undefined;
}): string {
  const runId = reference.run_id || reference.run_uuid;
  if (runId) return runId;
  throw new InvalidParameterError(
    "Missing value for required parameter 'run_id'. See the API docs for more information about request parameters.",
  );
}
