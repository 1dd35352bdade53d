import { Stack } from 'aws-cdk-lib';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { bundleOf, type Entry } from './function-bundles.ts';

export interface FunctionBundleProps {
  readonly entry: Entry;
}

/** Code of a function that the platform makes at run time: an object in the account's asset bucket. */
export class FunctionBundle extends Construct {
  readonly entry: Entry;
  readonly bucketName: string;
  readonly objectKey: string;

  constructor(scope: Construct, id: string, props: FunctionBundleProps) {
    super(scope, id);
    this.entry = props.entry;
    const asset = new Asset(this, 'Code', { path: bundleOf(this, props.entry) });
    this.bucketName = asset.s3BucketName;
    this.objectKey = asset.s3ObjectKey;
  }

  /** Reading this one object, which whoever creates a function from it needs. */
  grantRead(grantee: IGrantable): void {
    const { partition } = Stack.of(this);
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['s3:GetObject'],
        resources: [`arn:${partition}:s3:::${this.bucketName}/${this.objectKey}`],
      }),
    );
  }
}
