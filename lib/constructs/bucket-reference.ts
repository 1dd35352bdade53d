import { Stack } from 'aws-cdk-lib';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

/** A bucket of the State stack as other stacks see it: its name, and grants by key prefix. */
export class BucketReference extends Construct {
  readonly bucketName: string;
  readonly bucketArn: string;

  constructor(scope: Construct, id: string, bucketName: string) {
    super(scope, id);
    this.bucketName = bucketName;
    this.bucketArn = Stack.of(scope).formatArn({
      service: 's3',
      region: '',
      account: '',
      resource: bucketName,
    });
  }

  /** For CDK constructs that want a bucket (destinations, event sources). */
  get bucket(): IBucket {
    const existing = this.node.tryFindChild('Bucket') as IBucket | undefined;
    return existing ?? Bucket.fromBucketName(this, 'Bucket', this.bucketName);
  }

  /**
   * Get and list of keys below the prefix.
   *
   * @param prefix ends with `/` or is empty for the whole bucket
   */
  grantRead(grantee: IGrantable, prefix = ''): void {
    this.#grantObjects(grantee, ['s3:GetObject', 's3:GetObjectVersion', 's3:GetObjectTagging'], prefix);
    this.grantList(grantee, prefix);
  }

  /** Names and sizes of what is below the prefix, not its content. */
  grantList(grantee: IGrantable, prefix = ''): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['s3:ListBucket'],
        resources: [this.bucketArn],
        ...(prefix === '' ? {} : { conditions: { StringLike: { 's3:prefix': [`${prefix}*`] } } }),
      }),
    );
  }

  /** Put, copy and multipart uploads below the prefix; neither read nor delete. */
  grantPut(grantee: IGrantable, prefix = ''): void {
    this.#grantObjects(grantee, ['s3:PutObject', 's3:PutObjectTagging', 's3:AbortMultipartUpload'], prefix);
  }

  grantDelete(grantee: IGrantable, prefix = ''): void {
    this.#grantObjects(grantee, ['s3:DeleteObject'], prefix);
  }

  grantReadWrite(grantee: IGrantable, prefix = ''): void {
    this.grantRead(grantee, prefix);
    this.grantPut(grantee, prefix);
  }

  #grantObjects(grantee: IGrantable, actions: string[], prefix: string): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({ actions, resources: [`${this.bucketArn}/${prefix}*`] }),
    );
  }
}
