import type { LabelledRow } from '../../domain/monitoring/performance/labelled-rows.ts';
import type { LabelJoin, LabelledWindow } from '../../domain/monitoring/ports.ts';
import type { ArtifactStorage } from '../../domain/registry/ports.ts';
import { type CapturedEndpoint, hoursBetween, labelPrefix } from '../../domain/shared/capture-layout.ts';
import { joinLabels, loadCapturedRows, loadLabels } from './captured-rows.ts';
import { type Database, openDatabase } from './database.ts';
import { withWorkFolder } from './work-folder.ts';

/** Labels joined with captured rows by DuckDB, over the objects of the hours that the window touches. */
export function createLabelJoin(captures: ArtifactStorage): LabelJoin {
  return {
    hasLabels: (endpoint, fromMs, toMs) => hasLabels(captures, endpoint, fromMs, toMs),
    read: (endpoint, fromMs, toMs, labelsToMs) =>
      withJoined(captures, endpoint, { fromMs, toMs, labelsToMs }, readVersions),
    count: (endpoint, fromMs, toMs) =>
      withJoined(captures, endpoint, { fromMs, toMs, labelsToMs: toMs }, async (database) => {
        const [[labelled = 0] = []] = await database.rows('SELECT count(label) FROM joined');
        return Number(labelled);
      }),
  };
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
  readonly labelsToMs: number;
}

/** Label objects are named by ULIDs, whose first ten characters are the time of arrival. */
async function hasLabels(
  captures: ArtifactStorage,
  endpoint: CapturedEndpoint,
  fromMs: number,
  toMs: number,
): Promise<boolean> {
  for (const hour of hoursBetween(fromMs, toMs).reverse()) {
    const files = await captures.list(labelPrefix(endpoint, hour));
    const inSpan = files.some(({ path }) => {
      const time = timeOfUlid(path.replace(/^lbl_/, ''));
      return time >= fromMs && time < toMs;
    });
    if (inSpan) return true;
  }
  return false;
}

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

function timeOfUlid(ulid: string): number {
  return [...ulid.slice(0, 10)].reduce((time, character) => time * 32 + ALPHABET.indexOf(character), 0);
}

function withJoined<T>(
  captures: ArtifactStorage,
  endpoint: CapturedEndpoint,
  { fromMs, toMs, labelsToMs }: Span,
  read: (database: Database) => Promise<T>,
): Promise<T> {
  return withWorkFolder(async (folder) => {
    const database = await openDatabase();
    try {
      const window = { ...endpoint, fromMs, toMs };
      await loadCapturedRows(database, folder, captures, window);
      await loadLabels(database, folder, captures, window, labelsToMs);
      await joinLabels(database);
      return await read(database);
    } finally {
      database.close();
    }
  });
}

async function readVersions(database: Database): Promise<Map<number, LabelledWindow>> {
  const counts = await database.rows(
    'SELECT version, count(*) FROM joined GROUP BY version ORDER BY version',
  );
  const windows = new Map<number, LabelledWindow & { rows: LabelledRow[] }>();
  for (const [version, captured] of counts)
    windows.set(Number(version), { captured: Number(captured), rows: [] });
  const rows = await database.rows(
    'SELECT version, prediction, score, label FROM joined WHERE label IS NOT NULL',
  );
  for (const [version, prediction, score, label] of rows) {
    windows.get(Number(version))?.rows.push({
      prediction: JSON.parse(String(prediction)) as LabelledRow['prediction'],
      score: score === null || score === undefined ? null : Number(score),
      label: JSON.parse(String(label)) as LabelledRow['label'],
    });
  }
  return windows;
}
