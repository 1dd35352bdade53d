import type { CallContext } from '../shared/call-context.ts';
import type { Profile } from '../shared/profile/profile.ts';
import type { DatasetColumn, DatasetFile, DatasetVersion, LabelCoverage } from './dataset-records.ts';

/** Starts the function that reads a version's rows. */
export interface VersionBuilder {
  start(request: BuildRequest): Promise<void>;
}

/** What that function is told. */
export interface BuildRequest {
  readonly tenant: string;
  readonly actor: string;
  readonly requestId: string;
  readonly dataset: string;
  readonly version: number;
}

export interface PresignedTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Presigned targets in the dataset bucket. */
export interface UploadTargets {
  presignPut(
    key: string,
    options: { bytes?: number | undefined; expiresInSeconds: number },
  ): Promise<PresignedTarget>;
}

/** Rows as they were written below a version's prefix, and what they look like. */
export interface StoredRows {
  readonly rows: number;
  readonly columns: readonly DatasetColumn[];
  readonly files: readonly DatasetFile[];
  readonly profile: Profile;
  readonly coverage?: LabelCoverage | undefined;
}

/**
 * Writes a version's rows as Parquet below its prefix and reads them back.
 *
 * @throws UnreadableRowsError when the source is no table
 */
export interface RowStorage {
  store(context: CallContext, version: DatasetVersion): Promise<StoredRows>;
}
