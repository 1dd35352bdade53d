import { gunzipSync, gzipSync } from 'node:zlib';
import type { LogBatch } from '../../domain/monitoring/landed.ts';
import type { LandingZone } from '../../domain/monitoring/ports.ts';
import type { ArtifactStorage } from '../../domain/registry/ports.ts';
import { LANDING_PREFIX } from '../../domain/shared/capture-layout.ts';

/** One delivery of a log subscription. */
interface Envelope {
  readonly messageType: string;
  readonly logStream: string;
  readonly logEvents: readonly { readonly timestamp: number; readonly message: string }[];
}

const GZIP_MAGIC = 0x1f8b;
/** Between two envelopes: inside a string the quotes would be escaped. */
const ENVELOPE_BORDER = /(?<=\})\s*(?=\{"messageType":)/;

/** The bucket's landing prefix: gzip members one after the other, an envelope each, as Firehose writes them. */
export function createLandingZone(storage: ArtifactStorage): LandingZone {
  return {
    read: async (objectKey) => {
      const bytes = await storage.read(objectKey);
      return bytes && parseEnvelopes(bytes);
    },
    write: async (name, batches) => {
      const envelopes = batches.map(({ logStream, events }) =>
        gzipSync(JSON.stringify({ messageType: 'DATA_MESSAGE', logStream, logEvents: events })),
      );
      await storage.write(`${LANDING_PREFIX}${name}.gz`, Buffer.concat(envelopes), 'application/gzip');
    },
  };
}

/** Reads envelopes, compressed or not; control messages carry no events of ours. */
export function parseEnvelopes(bytes: Uint8Array): LogBatch[] {
  const buffer = Buffer.from(bytes);
  const isGzip = buffer.length > 2 && buffer.readUInt16BE(0) === GZIP_MAGIC;
  const text = (isGzip ? gunzipSync(buffer) : buffer).toString('utf8');
  return text
    .split(ENVELOPE_BORDER)
    .filter((part) => part.trim() !== '')
    .map((part) => JSON.parse(part) as Envelope)
    .filter(({ messageType }) => messageType === 'DATA_MESSAGE')
    .map(({ logStream, logEvents }) => ({ logStream, events: logEvents }));
}
