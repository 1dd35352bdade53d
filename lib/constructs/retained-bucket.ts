import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

/** A bucket that outlives its stack: private, encrypted, TLS only. */
export class RetainedBucket extends Bucket {
  constructor(scope: Construct, id: string, props: Omit<BucketProps, 'removalPolicy' | 'bucketName'> = {}) {
    super(scope, id, {
      ...props,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      lifecycleRules: [
        ...(props.lifecycleRules ?? []),
        // Parts of uploads that nobody finished cost as much as finished ones.
        { abortIncompleteMultipartUploadAfter: Duration.days(7) },
      ],
    });
  }
}
