import type { ArtifactStorage } from '../../domain/registry/ports.ts';
import { hoursBetween, labelPrefix, rowPrefix } from '../../domain/shared/capture-layout.ts';
import { type Database, quoteList, quoteName } from './database.ts';
import type { WorkFolder } from './work-folder.ts';

export interface CaptureWindow {
  readonly tenant: string;
  readonly endpoint: string;
  /** Epoch milliseconds, included. */
  readonly fromMs: number;
  /** Epoch milliseconds, not included. */
  readonly toMs: number;
}

/** Downloads in flight at once: S3 answers each in tens of milliseconds. */
const PARALLEL = 16;

/**
 * Makes the view `captured` of an endpoint's rows in a window: predictionId, inferenceId, row, at (epoch ms),
 * version, features (JSON), prediction, score. Rows delivered twice are there once.
 */
export async function loadCapturedRows(
  database: Database,
  folder: WorkFolder,
  storage: ArtifactStorage,
  window: CaptureWindow,
): Promise<void> {
  const files = await fetchHours(
    folder,
    storage,
    hoursBetween(window.fromMs, window.toMs).map((hour) => rowPrefix(window, hour)),
    'rows',
  );
  const shape = `{predictionId: 'VARCHAR', inferenceId: 'VARCHAR', "row": 'INTEGER', "at": 'BIGINT', version: 'INTEGER', features: 'JSON', prediction: 'JSON', score: 'DOUBLE'}`;
  const source =
    files.length === 0
      ? emptyRelation(
          'predictionId VARCHAR, inferenceId VARCHAR, "row" INTEGER, "at" BIGINT, version INTEGER, features JSON, prediction JSON, score DOUBLE',
        )
      : `read_json(${quoteList(files)}, format = 'newline_delimited', columns = ${shape})`;
  await database.run(
    `CREATE OR REPLACE TABLE captured AS
     SELECT * FROM ${source} WHERE "at" >= ${window.fromMs} AND "at" < ${window.toMs}
     QUALIFY row_number() OVER (PARTITION BY predictionId, "row" ORDER BY "at") = 1`,
  );
}

/**
 * Makes the view `labels`: predictionId, inferenceId, row, value, one per row: a later observation replaces an
 * earlier one, and a label posted twice counts once. Labels may come any time after the window.
 */
export async function loadLabels(
  database: Database,
  folder: WorkFolder,
  storage: ArtifactStorage,
  window: CaptureWindow,
  labelsUntilMs: number,
): Promise<void> {
  const files = await fetchHours(
    folder,
    storage,
    hoursBetween(window.fromMs, labelsUntilMs).map((hour) => labelPrefix(window, hour)),
    'labels',
  );
  const shape = `{predictionId: 'VARCHAR', inferenceId: 'VARCHAR', "row": 'INTEGER', value: 'JSON', observedAt: 'VARCHAR', receivedAt: 'BIGINT'}`;
  const source =
    files.length === 0
      ? emptyRelation(
          'predictionId VARCHAR, inferenceId VARCHAR, "row" INTEGER, value JSON, observedAt VARCHAR, receivedAt BIGINT',
        )
      : `read_json(${quoteList(files)}, format = 'newline_delimited', columns = ${shape})`;
  await database.run(
    `CREATE OR REPLACE TABLE labels AS
     SELECT * FROM ${source}
     QUALIFY row_number() OVER (PARTITION BY predictionId, inferenceId, "row" ORDER BY observedAt DESC NULLS LAST, receivedAt DESC) = 1`,
  );
}

/** The view `joined`: captured rows with their label's `value`, by prediction id or by the caller's own id. */
export async function joinLabels(database: Database): Promise<void> {
  await database.run(
    `CREATE OR REPLACE VIEW joined AS
     SELECT captured.*, coalesce(byPrediction.value, byInference.value) AS label
     FROM captured
     LEFT JOIN labels byPrediction ON byPrediction.predictionId = captured.predictionId AND byPrediction."row" = captured."row"
     LEFT JOIN labels byInference ON byInference.predictionId IS NULL AND byInference.inferenceId = captured.inferenceId AND byInference."row" = captured."row"`,
  );
}

/** One feature out of the JSON, as the kind that the signature says. */
export function featureExpression(name: string, kind: 'numeric' | 'category'): string {
  const path = `features ->> '$."${name.replaceAll("'", "''").replaceAll('"', '\\"')}"'`;
  if (kind === 'category') return `(${path})`;
  return `CASE ${path} WHEN 'true' THEN 1 WHEN 'false' THEN 0 ELSE TRY_CAST(${path} AS DOUBLE) END`;
}

/** A relation without rows, so that a window without files is a table like every other. */
function emptyRelation(columns: string): string {
  const nulls = columns.split(/, (?=["\w]+ [A-Z]+)/).map((column) => {
    const [name = '', type = ''] = column.split(' ');
    return `CAST(NULL AS ${type}) AS ${name.startsWith('"') ? name : quoteName(name)}`;
  });
  return `(SELECT ${nulls.join(', ')} WHERE false)`;
}

async function fetchHours(
  folder: WorkFolder,
  storage: ArtifactStorage,
  prefixes: readonly string[],
  name: string,
): Promise<string[]> {
  const listed = await Promise.all(
    prefixes.map(async (prefix) => (await storage.list(prefix)).map(({ path }) => `${prefix}${path}`)),
  );
  const keys = listed.flat();
  const files: string[] = [];
  for (let start = 0; start < keys.length; start += PARALLEL) {
    const batch = keys.slice(start, start + PARALLEL);
    const fetched = await Promise.all(
      batch.map((key, i) => folder.fetch(storage, key, `${name}/${start + i}${suffixOf(key)}`)),
    );
    files.push(...fetched.filter((file) => file !== undefined));
  }
  return files;
}

function suffixOf(key: string): string {
  return key.endsWith('.gz') ? '.jsonl.gz' : '.jsonl';
}
