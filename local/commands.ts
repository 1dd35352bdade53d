import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execFileAsync = promisify(execFile);

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly timeoutSeconds: number;
  readonly directory?: string;
  readonly environment?: NodeJS.ProcessEnv;
}

/** Runs a short command to its end. A missing program is exit code 127; a timeout is 124, as `timeout(1)` says. */
export async function runCommand(
  program: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  try {
    const { stdout, stderr } = await execFileAsync(program, [...args], {
      timeout: options.timeoutSeconds * 1000,
      killSignal: 'SIGKILL',
      maxBuffer: 64 * 1024 * 1024,
      ...(options.directory === undefined ? {} : { cwd: options.directory }),
      env: options.environment ?? process.env,
    });
    return { exitCode: 0, stdout, stderr };
  } catch (error) {
    return toFailedResult(error);
  }
}

function toFailedResult(error: unknown): CommandResult {
  const failure = error as { code?: number | string; killed?: boolean; stdout?: string; stderr?: string };
  const output = { stdout: failure.stdout ?? '', stderr: failure.stderr ?? '' };
  if (failure.killed === true) return { exitCode: 124, ...output };
  if (failure.code === 'ENOENT') return { exitCode: 127, ...output };
  return { exitCode: typeof failure.code === 'number' ? failure.code : 1, ...output };
}
