import { gzipSync } from 'node:zlib';
import type { RowArchive } from '../../domain/monitoring/ports.ts';
import type { ArtifactStorage } from '../../domain/registry/ports.ts';
import { labelPrefix, rowPrefix } from '../../domain/shared/capture-layout.ts';

/** Raw captures and labels as gzipped JSON Lines in Hive partitions (docs/data-model.md). */
export function createRowArchive(storage: ArtifactStorage): RowArchive {
  const write = (key: string, rows: readonly object[]) => {
    const text = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    return storage.write(key, gzipSync(text), 'application/gzip');
  };
  return {
    writeRows: (endpoint, hourMs, name, rows) =>
      write(`${rowPrefix(endpoint, hourMs)}${name}.jsonl.gz`, rows),
    writeLabels: (endpoint, receivedMs, name, labels) =>
      write(`${labelPrefix(endpoint, receivedMs)}${name}.jsonl.gz`, labels),
  };
}
