import { Aws, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnDeliveryStream } from 'aws-cdk-lib/aws-kinesisfirehose';
import { CfnSubscriptionFilter, type ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { LANDING_PREFIX } from '../../domain/shared/capture-layout.ts';
import type { BucketReference } from './bucket-reference.ts';

export interface CaptureDeliveryProps {
  /** What the endpoints write. */
  readonly logGroup: ILogGroup;
  readonly bucket: BucketReference;
  /** How long Firehose gathers before it writes an object, 0 to 900. */
  readonly bufferSeconds: number;
}

/** Firehose writes an object when this much has gathered, if that comes before the time. */
const BUFFER_MB = 5;

/** From the endpoints' log group to the landing zone: a subscription, and Firehose behind it. */
export class CaptureDelivery extends Construct {
  constructor(scope: Construct, id: string, props: CaptureDeliveryProps) {
    super(scope, id);
    const stream = this.#addStream(props);
    const subscriptionRole = new Role(this, 'SubscriptionRole', {
      assumedBy: new ServicePrincipal('logs.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
      description: 'Hands the lines of endpoints to Firehose',
    });
    subscriptionRole.addToPolicy(
      new PolicyStatement({
        actions: ['firehose:PutRecord', 'firehose:PutRecordBatch'],
        resources: [stream.attrArn],
      }),
    );
    const subscription = new CfnSubscriptionFilter(this, 'Subscription', {
      logGroupName: props.logGroup.logGroupName,
      destinationArn: stream.attrArn,
      roleArn: subscriptionRole.roleArn,
      // Everything: capture lines, and the platform's own records of what died without one.
      filterPattern: '',
    });
    subscription.node.addDependency(subscriptionRole);
  }

  #addStream({ bucket, bufferSeconds }: CaptureDeliveryProps): CfnDeliveryStream {
    const role = new Role(this, 'DeliveryRole', {
      assumedBy: new ServicePrincipal('firehose.amazonaws.com', {
        conditions: { StringEquals: { 'sts:ExternalId': Stack.of(this).account } },
      }),
      description: 'Writes captures into the landing zone',
    });
    bucket.grantPut(role, LANDING_PREFIX);
    bucket.grantPut(role, 'landing-errors/');
    // https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#using-iam-s3
    const onBucket = ['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'];
    role.addToPolicy(new PolicyStatement({ actions: onBucket, resources: [bucket.bucketArn] }));
    const stream = new CfnDeliveryStream(this, 'Stream', {
      deliveryStreamType: 'DirectPut',
      deliveryStreamEncryptionConfigurationInput: { keyType: 'AWS_OWNED_CMK' },
      extendedS3DestinationConfiguration: {
        bucketArn: bucket.bucketArn,
        roleArn: role.roleArn,
        prefix: `${LANDING_PREFIX}!{timestamp:yyyy/MM/dd/HH}/`,
        errorOutputPrefix: 'landing-errors/!{firehose:error-output-type}/',
        bufferingHints: { intervalInSeconds: bufferSeconds, sizeInMBs: BUFFER_MB },
        // What a subscription sends is gzip already.
        compressionFormat: 'UNCOMPRESSED',
      },
    });
    stream.node.addDependency(role);
    return stream;
  }
}
