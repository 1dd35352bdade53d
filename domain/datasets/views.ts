import type { Item } from '../shared/store.ts';
import type { Dataset, DatasetVersion } from './dataset-records.ts';

/** A dataset as the API answers it. */
export function toDatasetView({ value, revision }: Item<Dataset>) {
  return { ...value, revision };
}

/** A version as the API answers it; `uri` names the bucket that only the installation knows. */
export function toVersionView({ value, revision }: Item<DatasetVersion>, bucketName: string) {
  const { prefix, ...view } = value;
  return { ...view, ...(value.status === 'READY' ? { uri: `s3://${bucketName}/${prefix}` } : {}), revision };
}
