import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cloud } from './cloud.ts';
import { LocalCloudError } from './errors.ts';

export interface TourOptions {
  /** Where the outcome of every step is written. */
  readonly resultFile: string;
}

/** What `local/tour/tour.ts` exports. @returns whether every step held */
export type RunTour = (cloud: Cloud, options: TourOptions) => Promise<boolean>;

const tourFile = join(import.meta.dirname, 'tour', 'tour.ts');

export function tourResultFile(directory: string): string {
  return join(directory, 'tour.json');
}

/** Whether the last tour of this state has held in every step. */
export async function hasTourHeld(directory: string): Promise<boolean> {
  const text = await readFile(tourResultFile(directory), 'utf8').catch(() => undefined);
  if (text === undefined) return false;
  const { steps = [] } = JSON.parse(text) as { steps?: { ok: boolean }[] };
  return steps.length > 0 && steps.every((step) => step.ok);
}

/** Runs the guided tour on a cloud. @returns whether every step held */
export async function runTour(cloud: Cloud): Promise<boolean> {
  if (!existsSync(tourFile)) throw new LocalCloudError('This clone has no guided tour (local/tour/tour.ts).');
  const tour = (await import(tourFile)) as { runTour: RunTour };
  return tour.runTour(cloud, { resultFile: tourResultFile(cloud.directory) });
}
