import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type ArtifactPlace, openForReading, openForWriting } from './artifact-places.ts';
import { forEachConcurrently } from './concurrency.ts';
import type { Moved } from './id-map.ts';
import { attempt, type MoveContext } from './move-context.ts';

/** A run's or a logged model's artifacts on both sides. */
export interface ArtifactMove extends Moved {
  readonly kind: 'run' | 'model';
  /** How problems name it. */
  readonly label: string;
  /** An interrupted move may have copied some. */
  readonly mayBeThere: boolean;
}

export interface ArtifactFile {
  /** Below the root of the run or model. */
  readonly path: string;
  readonly bytes: number;
}

/** Files of one owner at a time; more would only wait for the servers' connections. */
const FILES_AT_A_TIME = 4;
/** Says which run and logged model it belongs to, and clients log to those. */
const MLMODEL = 'MLmodel';

/** Copies what is not there yet with the same size; says whether all of it is there now. */
export async function copyArtifacts(context: MoveContext, move: ArtifactMove): Promise<boolean> {
  if (!context.options.withArtifacts) return true;
  let isWhole = true;
  const from = openForReading(context.source, { ...move, id: move.from, uri: move.fromUri });
  const to = openForWriting(context.target, { ...move, id: move.to, uri: move.toUri });
  const isListed = await attempt(context, `${move.label}: artifacts`, async () => {
    const there = move.mayBeThere ? await readSizes(to) : new Map<string, number>();
    await forEachConcurrently(listFiles(from), FILES_AT_A_TIME, async (file) => {
      if (there.get(file.path) === file.bytes && basename(file.path) !== MLMODEL) return;
      const what = `${move.label}: artifact ${file.path}`;
      isWhole = (await attempt(context, what, () => copyFile(context, from, to, file))) && isWhole;
    });
  });
  return isWhole && isListed;
}

/** All files below the root, folder by folder. */
export async function* listFiles(place: ArtifactPlace, folder = ''): AsyncGenerator<ArtifactFile> {
  for (const info of await place.list(folder)) {
    const path = folder === '' ? info.path : `${folder}/${info.path}`;
    if (info.is_dir) yield* listFiles(place, path);
    else yield { path, bytes: Number(info.file_size ?? 0) };
  }
}

/** Clients write `MLmodel` anew with each copy, so its size says nothing. */
export function isComparable({ path }: ArtifactFile): boolean {
  return basename(path) !== MLMODEL;
}

async function readSizes(place: ArtifactPlace): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  for await (const { path, bytes } of listFiles(place)) sizes.set(path, bytes);
  return sizes;
}

/** By way of a file on disk: sending can be repeated, and memory does not grow with it. */
async function copyFile(
  { options, ids }: MoveContext,
  from: ArtifactPlace,
  to: ArtifactPlace,
  { path }: ArtifactFile,
): Promise<void> {
  const file = join(options.folder, randomUUID());
  try {
    await from.download(path, file);
    if (basename(path) === MLMODEL) writeFileSync(file, ids.rewrite(readFileSync(file, 'utf8')));
    await to.upload(path, file);
  } finally {
    await rm(file, { force: true });
  }
}
