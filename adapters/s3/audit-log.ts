import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { auditObjectKey } from '../../domain/governance/audit-entry.ts';
import type { AuditLog } from '../../domain/governance/ports.ts';

const client = new S3Client({ forcePathStyle: true });

/** Audit entries in a bucket with Object Lock: the bucket's default retention makes each object write-once. */
export function makeAuditLog(bucketName: string): AuditLog {
  return {
    append: async (entry) => {
      const put = new PutObjectCommand({
        Bucket: bucketName,
        Key: auditObjectKey(entry),
        Body: JSON.stringify(entry),
        ContentType: 'application/json',
        IfNoneMatch: '*',
        // Object Lock asks for an integrity checksum with every upload.
        ChecksumAlgorithm: 'SHA256',
      });
      await client.send(put).catch((error: unknown) => {
        if (!(error instanceof Error && error.name === 'PreconditionFailed')) throw error;
      });
    },
  };
}
