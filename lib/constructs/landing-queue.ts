import { Aws, Duration } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Bucket, CfnBucket } from 'aws-cdk-lib/aws-s3';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ALARM_PERIOD, PlatformAlarm } from './platform-alarm.ts';

/** The consumer's timeout is at most 2 minutes; AWS asks for six times that, so that retries do not overlap. */
const VISIBILITY = Duration.minutes(12);

export interface LandingQueueProps {
  readonly bucket: Bucket;
  /** Keys below this prefix are announced. */
  readonly prefix: string;
}

/**
 * Queue of the objects that land in a bucket. The notification is a property of the bucket, not CDK's custom
 * resource: one function and one role less in the stack that must never break.
 */
export class LandingQueue extends Construct {
  readonly queueArn: string;

  constructor(scope: Construct, id: string, props: LandingQueueProps) {
    super(scope, id);
    const deadLetters = new Queue(this, 'DeadLetters', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    const queue = new Queue(this, 'Queue', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      visibilityTimeout: VISIBILITY,
      retentionPeriod: Duration.days(14),
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: 5 },
    });
    this.queueArn = queue.queueArn;
    queue.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('s3.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [queue.queueArn],
        // By account, not by bucket: the bucket can only exist after this policy.
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
    new PlatformAlarm(this, 'LeftOverAlarm', {
      summary: 'Captured rows could not be read five times and were put aside.',
      runbook: 'Captured rows could not be read',
      metric: deadLetters.metricApproximateNumberOfMessagesVisible({ period: ALARM_PERIOD }),
    });
    const bucket = props.bucket.node.defaultChild as CfnBucket;
    bucket.notificationConfiguration = {
      queueConfigurations: [
        {
          event: 's3:ObjectCreated:*',
          queue: queue.queueArn,
          filter: { s3Key: { rules: [{ name: 'prefix', value: props.prefix }] } },
        },
      ],
    };
    bucket.node.addDependency(queue);
  }
}
