import { type ChildProcess, execFile, fork } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ModelCheck } from '../../domain/registry/ports.ts';

export interface ModelFile {
  /** Path of the ONNX file; its external data lies beside it. */
  readonly file: string;
  /** MLflow's JSON of the signature; absent, the graph's own inputs are taken. */
  readonly signature?: unknown;
  /** The content of an `example.json`. */
  readonly example?: unknown;
  readonly tolerance?: number;
}

export interface ModelCheckLimits {
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
}

/** What the function that checks models on AWS has: 60 s, and memory for a model of a few hundred MB. */
const DEFAULT_LIMITS: ModelCheckLimits = { timeoutSeconds: 60, memoryMb: 3008 };
/** A file that doubles a tensor in every node takes gigabytes a second. */
const MEMORY_POLL_MS = 50;
const BYTES_PER_PAGE = 4096;
const WHAT_TO_DO =
  'Look for loops without an end and for tensors that grow with each step, or use a smaller model.';

/**
 * Says of a file what registering would say. A hostile model loops for ever or takes all memory, and brings the
 * process down with it: so this is another process, which is ended at its limits.
 */
export async function checkModelFile(
  model: ModelFile,
  limits: ModelCheckLimits = DEFAULT_LIMITS,
): Promise<ModelCheck> {
  const child = fork(join(import.meta.dirname, 'check-model-process.ts'), {
    execArgv: [],
    // onnxruntime writes its warnings, paths included, to stderr.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  try {
    return await new Promise<ModelCheck>((resolve, reject) => {
      child.once('message', (answer) => resolve(answer as ModelCheck));
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(refusal(describeExit(code, signal))));
      watch(child, limits, (reason) => resolve(refusal(reason)));
      child.send(model);
    });
  } finally {
    child.kill('SIGKILL');
  }
}

function refusal(reason: string): ModelCheck {
  return { ok: false, reasons: [reason], warnings: [], externalData: [], loadMs: 0 };
}

function describeExit(code: number | null, signal: string | null): string {
  const how = signal === null ? `with code ${code}` : `by ${signal}`;
  return (
    `The process that loaded the model ended ${how}, before it had an answer: the file makes onnxruntime crash. ` +
    'Export it again, with another opset if you can.'
  );
}

/** Calls back once when the process is over a limit; stops when it is gone. */
function watch(child: ChildProcess, limits: ModelCheckLimits, onLimit: (reason: string) => void): void {
  const { timeoutSeconds, memoryMb } = limits;
  const timer = setTimeout(
    () => onLimit(`Loading and running the model took more than ${timeoutSeconds} s. ${WHAT_TO_DO}`),
    timeoutSeconds * 1000,
  );
  const poll = setInterval(async () => {
    if ((await residentMb(child.pid)) <= memoryMb) return;
    onLimit(`Loading and running the model took more than ${memoryMb} MB. ${WHAT_TO_DO}`);
  }, MEMORY_POLL_MS);
  child.once('exit', () => {
    clearTimeout(timer);
    clearInterval(poll);
  });
}

/** Resident memory of a process; 0 when it is gone. macOS has no /proc, but `ps`. */
async function residentMb(pid: number | undefined): Promise<number> {
  try {
    if (process.platform === 'linux') {
      const [, pages] = (await readFile(`/proc/${pid}/statm`, 'utf8')).split(' ');
      return (Number(pages) * BYTES_PER_PAGE) / 2 ** 20;
    }
    const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
    return Number(stdout) / 1024;
  } catch {
    return 0;
  }
}
