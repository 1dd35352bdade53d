import { inParallel } from '../shared/in-parallel.ts';
import { isSafePath } from '../shared/signing/manifest.ts';
import { UNSIGNED_PATHS } from '../shared/signing/statement.ts';
import { findModelFile, MODEL_FILE } from './locate-source.ts';
import type { Mlmodel } from './mlmodel.ts';
import type { VersionOrigin } from './model-records.ts';
import type { ArtifactStorage, StoredFile } from './ports.ts';

/** S3 answers a copy in tens of milliseconds: eight at a time copy a thousand files in seconds. */
const COPIES_AT_ONCE = 8;
/** A version's item names every file; a thousand take 200 of the 400 KB that an item may have. */
const MAX_FILES = 1000;
/** What is copied and read once more for its digest within a check's fifteen minutes. */
const MAX_BYTES = 20 * 1024 ** 3;

interface PlannedFile {
  readonly from: string;
  readonly to: string;
  readonly bytes: number;
}

/** Why files cannot become a version's own; undefined when they can. */
export function explainNotCopied(files: readonly StoredFile[]): string | undefined {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const unsafe = files.find(({ path }) => !isSafePath(path));
  if (unsafe !== undefined) return `The name of the file '${unsafe.path}' cannot be signed; rename it.`;
  if (files.length > MAX_FILES) {
    return `There are ${files.length} files, and a version has at most ${MAX_FILES}: pack them into an archive.`;
  }
  if (bytes <= MAX_BYTES) return undefined;
  return `The files have ${Math.ceil(bytes / 1024 ** 3)} GB, and a version has at most ${MAX_BYTES / 1024 ** 3}.`;
}

/** The ONNX graph among the files: what MLmodel names, else `model.onnx` or the only `.onnx` file at the top. */
export function findGraph(
  kind: VersionOrigin['kind'],
  files: readonly StoredFile[],
  mlmodel: Mlmodel | undefined,
): string | undefined {
  if (mlmodel?.onnxFile !== undefined) {
    return files.some(({ path }) => path === mlmodel.onnxFile) ? mlmodel.onnxFile : undefined;
  }
  // A graph beside a model of another flavor is that model's business.
  return mlmodel !== undefined && kind === 'mlflow' ? undefined : findModelFile(files);
}

/**
 * Copies files to a version's place, the graph under its fixed name with whatever lies beside it. A signature
 * that came with them is not ours, and git's files are not covered by one.
 */
export async function takeOverFiles(
  storage: ArtifactStorage,
  [from, to]: readonly [from: string, to: string],
  files: readonly StoredFile[],
  graph: string | undefined,
): Promise<readonly StoredFile[]> {
  const planned = planCopies(files, graph);
  await inParallel(planned, COPIES_AT_ONCE, (file) => storage.copy(from + file.from, to + file.to));
  return planned.map((file) => ({ path: file.to, bytes: file.bytes }));
}

function planCopies(files: readonly StoredFile[], graph: string | undefined): PlannedFile[] {
  const folder = graph?.slice(0, graph.lastIndexOf('/') + 1) ?? '';
  const planned = files
    .filter(({ path }) => !UNSIGNED_PATHS.includes(path.split('/')[0] as string))
    .map(({ path, bytes }) => {
      // External data is named relative to the graph, which moves to the top.
      const to = path.startsWith(folder) ? path.slice(folder.length) : path;
      return { from: path, to: path === graph ? MODEL_FILE : to, bytes };
    });
  const moved = new Set(planned.filter(({ from, to }) => from !== to).map(({ to }) => to));
  return planned.filter(({ from, to }) => from !== to || !moved.has(to));
}
