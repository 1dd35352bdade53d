import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IDestination, IEventSourceDlq, IFunction } from 'aws-cdk-lib/aws-lambda';
import type { BucketReference } from './bucket-reference.ts';

// CDK's own S3 destinations grant reading and deleting the whole bucket; Lambda needs to write and to list.

/** Where the event of a failed asynchronous invocation goes. */
export function failedEventsTo(bucket: BucketReference): IDestination {
  return {
    bind: (_scope, target) => {
      grantKeeping(bucket, target);
      return { destination: bucket.bucketArn };
    },
  };
}

/** A function that ends what a failed asynchronous invocation left open; CDK's own would grant every version of it. */
export function failedEventsToFunction(target: IFunction): IDestination {
  return {
    bind: (_scope, source) => {
      grantInvoke(target, source);
      return { destination: target.functionArn };
    },
  };
}

/** Invoking the function as it is; CDK's grant would add every version and alias. */
export function grantInvoke(target: IFunction, grantee: IGrantable): void {
  grantee.grantPrincipal.addToPrincipalPolicy(
    new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [target.functionArn] }),
  );
}

/** Where the records of a stream go that failed for good, while the shard goes on. */
export function failedRecordsTo(bucket: BucketReference): IEventSourceDlq {
  return {
    bind: (_mapping, target) => {
      grantKeeping(bucket, target);
      return { destination: bucket.bucketArn };
    },
  };
}

function grantKeeping(bucket: BucketReference, grantee: IGrantable): void {
  bucket.grantPut(grantee);
  grantee.grantPrincipal.addToPrincipalPolicy(
    new PolicyStatement({ actions: ['s3:ListBucket'], resources: [bucket.bucketArn] }),
  );
}
