import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { mlflowVariables } from '../../cli/mlflow-variables.ts';
import { ensureTestMlflow, type MlflowRelease } from './python-environment.ts';

const SCRIPTS = join(import.meta.dirname, '..', 'integration');
const MAX_OUTPUT_BYTES = 64 * 1024 ** 2;

export interface MlflowScript {
  /** In `test/integration`; its last line is JSON. */
  readonly name: string;
  /** Files it reads; a folder to work in is its last argument. */
  readonly args?: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
  readonly release?: MlflowRelease;
}

/** What the script saw with MLflow's own client, set up as `perennial login` says. */
export function runMlflowClient(connection: { apiUrl: string; token: string }, script: MlflowScript) {
  return runMlflowScript({ ...script, variables: { ...mlflowVariables(connection), ...script.variables } });
}

/** What the script saw with MLflow's own client and those variables only. */
// biome-ignore lint/suspicious/noExplicitAny: answers are compared, not computed with
export async function runMlflowScript({ name, args = [], variables, release }: MlflowScript): Promise<any> {
  const folder = mkdtempSync(join(tmpdir(), 'perennial-mlflow-client-'));
  const { python, environment } = ensureTestMlflow(release);
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    MLFLOW_DISABLE_TELEMETRY: 'true',
    MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR: 'false',
    // A failure is to be seen, not hidden by another try.
    MLFLOW_HTTP_REQUEST_MAX_RETRIES: '1',
    GIT_PYTHON_REFRESH: 'quiet',
    ...environment,
    ...variables,
  };
  try {
    const { stdout } = await promisify(execFile)(python, [join(SCRIPTS, name), ...args, folder], {
      env,
      cwd: folder,
      maxBuffer: MAX_OUTPUT_BYTES,
    });
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
