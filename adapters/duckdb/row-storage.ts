import {
  type DatasetSource,
  type DatasetVersion,
  datasetVersionPrefix,
  PROFILE_FILE,
} from '../../domain/datasets/dataset-records.ts';
import { UnreadableRowsError } from '../../domain/datasets/errors.ts';
import { uploadPrefix } from '../../domain/datasets/manage-datasets.ts';
import type { RowStorage, StoredRows } from '../../domain/datasets/ports.ts';
import type { ArtifactStorage } from '../../domain/registry/ports.ts';
import type { CallContext } from '../../domain/shared/call-context.ts';
import { buildProfile } from '../../domain/shared/profile/build-profile.ts';
import type { Column, Table } from '../../domain/shared/table.ts';
import { featureExpression, joinLabels, loadCapturedRows, loadLabels } from './captured-rows.ts';
import { type Database, openDatabase, quoteList, quoteName, quoteText } from './database.ts';
import { describeColumns, readTable } from './read-table.ts';
import { uploadFile, type WorkFolder, withWorkFolder } from './work-folder.ts';

export interface RowStorageOptions {
  readonly datasets: ArtifactStorage;
  readonly captures: ArtifactStorage;
}

type CaptureSource = Extract<DatasetSource, { kind: 'captures' }>;

/** The one file of a version: Parquet, in the order of the source. */
const ROWS_FILE = 'rows.parquet';

/** Rows of dataset versions as Parquet in S3, written and read by DuckDB in this function's memory and /tmp. */
export function createRowStorage(options: RowStorageOptions): RowStorage {
  return {
    store: (context, version) =>
      withWorkFolder(async (folder) => {
        const database = await openDatabase();
        try {
          return await storeRows(database, folder, options, context, version);
        } finally {
          database.close();
        }
      }),
  };
}

async function storeRows(
  database: Database,
  folder: WorkFolder,
  options: RowStorageOptions,
  context: CallContext,
  version: DatasetVersion,
): Promise<StoredRows> {
  const { source } = version;
  const coverage =
    source.kind === 'upload'
      ? await readUpload(database, folder, options.datasets, context.tenant, source.uploadId)
      : await readCaptures(database, folder, options, context, version, source);
  const columns = await describeColumns(database, 'source');
  const file = folder.file(ROWS_FILE);
  await database.run(`COPY (SELECT * FROM source) TO ${quoteText(file)} (FORMAT parquet, COMPRESSION zstd)`);
  const table = await readTable(database, 'source', columns);
  if (table.rows === 0) throw new UnreadableRowsError('The files hold no rows.');
  const profile = buildProfile(table, {
    columns: columns.filter(({ kind }) => kind !== 'time').map(({ name }) => name),
  });
  const uploaded = await uploadFile(options.datasets, file, `${version.prefix}${ROWS_FILE}`);
  await options.datasets.write(
    `${version.prefix}${PROFILE_FILE}`,
    Buffer.from(JSON.stringify(profile)),
    'application/json',
  );
  return {
    rows: table.rows,
    columns: columns.map((column) => ({ ...column, missing: countMissing(table.columns[column.name]) })),
    files: [{ path: ROWS_FILE, ...uploaded }],
    profile,
    coverage,
  };
}

/** The view `source` over uploaded Parquet or CSV files, columns joined by name. */
async function readUpload(
  database: Database,
  folder: WorkFolder,
  storage: ArtifactStorage,
  tenant: string,
  uploadId: string,
): Promise<undefined> {
  const prefix = uploadPrefix(tenant, uploadId);
  const paths = (await storage.list(prefix)).map(({ path }) => path).sort();
  if (paths.length === 0) throw new UnreadableRowsError(`Nothing was uploaded under ${uploadId}.`);
  const kinds = new Set(paths.map((path) => path.slice(path.lastIndexOf('.'))));
  if (kinds.size > 1)
    throw new UnreadableRowsError('A version is made of Parquet or of CSV files, not of both.');
  const files = await Promise.all(paths.map((path) => folder.fetch(storage, `${prefix}${path}`, path)));
  const reader = kinds.has('.parquet') ? 'read_parquet' : 'read_csv';
  const list = quoteList(files.filter((file) => file !== undefined));
  await database
    .run(`CREATE VIEW source AS SELECT * FROM ${reader}(${list}, union_by_name = true)`)
    .catch((cause: unknown) => {
      throw new UnreadableRowsError(
        `${paths.join(', ')}: not readable as ${reader === 'read_csv' ? 'CSV' : 'Parquet'}.`,
        { cause },
      );
    });
  return undefined;
}

/** The view `source` over captured rows that have a label, after the rows of the version they are appended to. */
async function readCaptures(
  database: Database,
  folder: WorkFolder,
  { datasets, captures }: RowStorageOptions,
  context: CallContext,
  version: DatasetVersion,
  source: CaptureSource,
) {
  const window = {
    tenant: context.tenant,
    endpoint: source.endpoint,
    fromMs: Date.parse(source.from),
    toMs: Date.parse(source.to),
  };
  await loadCapturedRows(database, folder, captures, window);
  await loadLabels(database, folder, captures, window, context.nowMs);
  await joinLabels(database);
  const [[captured = 0, labelled = 0] = []] = await database.rows(
    'SELECT count(*), count(label) FROM joined',
  );
  if (Number(labelled) === 0) {
    throw new UnreadableRowsError(
      `No captured row of ${source.endpoint} from ${source.from} to ${source.to} has a label.`,
    );
  }
  const fresh = await selectCaptured(database, source);
  const before =
    source.appendTo === undefined
      ? ''
      : await selectPrevious(database, folder, datasets, version, context.tenant, source);
  await database.run(`CREATE VIEW source AS ${before}SELECT * FROM (${fresh})`);
  return { captured: Number(captured), labelled: Number(labelled), from: source.from, to: source.to };
}

async function selectCaptured(database: Database, source: CaptureSource): Promise<string> {
  const features = await listFeatures(database);
  const [[labelIsText] = []] = await database.rows(
    `SELECT bool_or(json_type(label) = 'VARCHAR') FROM joined`,
  );
  const label = labelIsText
    ? `(label ->> '$')`
    : `CASE label ->> '$' WHEN 'true' THEN 1 WHEN 'false' THEN 0 ELSE TRY_CAST(label ->> '$' AS DOUBLE) END`;
  const list = [
    `make_timestamp("at" * 1000) AS ${quoteName(source.timeColumn)}`,
    ...features.map(({ name, kind }) => `${featureExpression(name, kind)} AS ${quoteName(name)}`),
    `${label} AS ${quoteName(source.label)}`,
  ];
  return `SELECT ${list.join(', ')} FROM joined WHERE label IS NOT NULL ORDER BY "at", predictionId, "row"`;
}

/** A feature is a category when any row has text in it. */
async function listFeatures(database: Database): Promise<{ name: string; kind: 'numeric' | 'category' }[]> {
  const rows = await database.rows(
    `SELECT name, bool_or(json_type(features, '$."' || name || '"') = 'VARCHAR')
     FROM (SELECT features, unnest(json_keys(features)) AS name FROM joined) GROUP BY name ORDER BY name`,
  );
  return rows.map(([name, isText]) => ({
    name: String(name),
    kind: isText === true ? 'category' : 'numeric',
  }));
}

/**
 * The rows of the version to append to, but for those of the window itself: it was read anew, with the labels
 * that came since, and two versions with overlapping windows must not hold a row twice.
 */
async function selectPrevious(
  database: Database,
  folder: WorkFolder,
  datasets: ArtifactStorage,
  { dataset }: DatasetVersion,
  tenant: string,
  source: CaptureSource,
): Promise<string> {
  const key = `${datasetVersionPrefix(tenant, dataset, Number(source.appendTo))}${ROWS_FILE}`;
  const file = await folder.fetch(datasets, key, 'previous.parquet');
  if (file === undefined) {
    throw new UnreadableRowsError(`Version ${source.appendTo} of ${dataset}, to append to, has no rows.`);
  }
  const relation = `read_parquet(${quoteText(file)})`;
  const columns = await describeColumns(database, relation);
  const isTimed = columns.some(({ name, kind }) => name === source.timeColumn && kind === 'time');
  const time = quoteName(source.timeColumn);
  const earlier = isTimed
    ? ` WHERE ${time} IS NULL OR ${time} < TIMESTAMP ${quoteText(source.from.slice(0, -1))}`
    : '';
  return `SELECT * FROM ${relation}${earlier} UNION ALL BY NAME `;
}

function countMissing(column: Column | undefined): number {
  if (column === undefined) return 0;
  const values = column.kind === 'numeric' ? column.values : column.codes;
  let missing = 0;
  for (const value of values)
    if (Number.isNaN(value) || (column.kind === 'category' && value < 0)) missing += 1;
  return missing;
}

/** Reads the rows of a READY version. */
export function readVersionRows(
  datasets: ArtifactStorage,
  version: Pick<DatasetVersion, 'prefix'>,
): Promise<Table> {
  return withWorkFolder(async (folder) => {
    const file = await folder.fetch(datasets, `${version.prefix}${ROWS_FILE}`, ROWS_FILE);
    if (file === undefined) throw new UnreadableRowsError('The version has no rows.');
    const database = await openDatabase();
    try {
      const relation = `read_parquet(${quoteText(file)})`;
      return await readTable(database, relation, await describeColumns(database, relation));
    } finally {
      database.close();
    }
  });
}
