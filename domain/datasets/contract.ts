import * as z from 'zod';
import { pageOf, pageQuery, resourceFields, slug, tags, timestamp } from '../shared/contract.ts';
import { defineRoute } from '../shared/define-route.ts';

export const VERSION_STATUSES = ['PENDING', 'CHECKING', 'READY', 'REFUSED'] as const;
export const COLUMN_KINDS = ['numeric', 'category', 'time', 'boolean'] as const;

const version = z
  .string()
  .regex(/^\d{1,9}$|^latest$/, 'must be a number or latest')
  .meta({ description: 'A version number, or latest' });

export const dataset = z
  .object({
    name: slug,
    description: z.string(),
    tags,
    latestVersion: z.number().int().meta({ description: '0 before the first' }),
    ...resourceFields,
  })
  .meta({ id: 'Dataset' });

/** Where the rows come from: an upload, or what an endpoint saw and what then happened. */
export const datasetSource = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('upload'), uploadId: z.string().regex(/^upl_[0-9A-Z]{26}$/) }),
    z.strictObject({
      kind: z.literal('captures'),
      endpoint: slug,
      from: timestamp,
      to: timestamp,
      label: z.string().min(1).max(250).meta({ description: 'Name of the column that takes the label' }),
      timeColumn: z
        .string()
        .min(1)
        .max(250)
        .default('capturedAt')
        .meta({ description: 'Name of the column that takes the time of the request' }),
      appendTo: z
        .number()
        .int()
        .optional()
        .meta({ description: 'Version whose rows come first, unless the captures have them' }),
    }),
  ])
  .meta({ id: 'DatasetSource' });

export const datasetColumn = z.object({
  name: z.string(),
  kind: z.enum(COLUMN_KINDS),
  missing: z.number().int().meta({ description: 'Rows without a value' }),
});

export const datasetVersion = z
  .object({
    dataset: slug,
    version: z.number().int(),
    status: z.enum(VERSION_STATUSES),
    reasons: z.array(z.string()).meta({ description: 'Why it was refused, in plain words' }),
    source: datasetSource,
    rows: z.number().int().optional(),
    columns: z.array(datasetColumn).optional(),
    digest: z.string().optional().meta({ description: 'SHA-256 over the files, by path' }),
    files: z.array(z.object({ path: z.string(), bytes: z.number().int(), sha256: z.string() })).optional(),
    uri: z.string().optional().meta({ description: 'The immutable prefix in S3' }),
    coverage: z
      .object({
        captured: z.number().int(),
        labelled: z.number().int(),
        from: timestamp,
        to: timestamp,
      })
      .optional()
      .meta({ description: 'Of a version built from captures: rows seen, and rows with a label' }),
    ...resourceFields,
  })
  .meta({ id: 'DatasetVersion' });

export const datasetInput = z.strictObject({
  name: slug,
  description: z.string().max(5000).default(''),
  tags: tags.default({}),
});

export const uploadInput = z.strictObject({
  files: z
    .array(
      z.strictObject({
        path: z
          .string()
          .regex(
            /^[A-Za-z0-9][\w.-]{0,199}\.(parquet|csv)$/,
            'must be a plain file name ending in .parquet or .csv',
          ),
        bytes: z
          .number()
          .int()
          .min(1)
          .max(5 * 1024 ** 3)
          .optional(),
      }),
    )
    .min(1)
    .max(100),
});

export const upload = z
  .object({
    id: z.string(),
    expiresAt: timestamp,
    targets: z.array(
      z.object({
        path: z.string(),
        method: z.literal('PUT'),
        url: z.string(),
        headers: z.record(z.string(), z.string()),
      }),
    ),
  })
  .meta({ id: 'DatasetUpload' });

const DATASETS = '/api/v1/datasets';
const byName = z.object({ name: slug });
const byVersion = z.object({ name: slug, v: version });

export const datasetRoutes = {
  listDatasets: defineRoute('listDatasets', {
    method: 'GET',
    path: DATASETS,
    role: 'viewer',
    summary: 'Lists datasets, newest first',
    query: pageQuery,
    response: pageOf(dataset),
  }),
  createDataset: defineRoute('createDataset', {
    method: 'POST',
    path: DATASETS,
    role: 'scientist',
    summary: 'Creates a dataset without versions',
    body: datasetInput,
    response: dataset,
    status: 201,
  }),
  getDataset: defineRoute('getDataset', {
    method: 'GET',
    path: `${DATASETS}/{name}`,
    role: 'viewer',
    summary: 'One dataset',
    params: byName,
    response: dataset,
  }),
  createDatasetUpload: defineRoute('createDatasetUpload', {
    method: 'POST',
    path: `${DATASETS}/{name}/uploads`,
    role: 'scientist',
    summary: 'Gives a presigned target for each file of a new version',
    params: byName,
    body: uploadInput,
    response: upload,
    status: 201,
  }),
  createDatasetVersion: defineRoute('createDatasetVersion', {
    method: 'POST',
    path: `${DATASETS}/{name}/versions`,
    role: 'scientist',
    summary: 'Makes an immutable version of uploaded files or of captured rows with their labels',
    params: byName,
    body: z.strictObject({ source: datasetSource }),
    response: datasetVersion,
    status: 202,
  }),
  listDatasetVersions: defineRoute('listDatasetVersions', {
    method: 'GET',
    path: `${DATASETS}/{name}/versions`,
    role: 'viewer',
    summary: 'Lists the versions of a dataset, newest first',
    params: byName,
    query: pageQuery,
    response: pageOf(datasetVersion),
  }),
  getDatasetVersion: defineRoute('getDatasetVersion', {
    method: 'GET',
    path: `${DATASETS}/{name}/versions/{v}`,
    role: 'viewer',
    summary: 'One version with its schema and digest',
    params: byVersion,
    response: datasetVersion,
  }),
  getDatasetProfile: defineRoute('getDatasetProfile', {
    method: 'GET',
    path: `${DATASETS}/{name}/versions/{v}/profile`,
    role: 'viewer',
    summary: 'The distribution of each column',
    params: byVersion,
    response: z.record(z.string(), z.unknown()),
  }),
} as const;
