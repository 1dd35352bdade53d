import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

export interface PlatformAlarmProps {
  readonly metric: IMetric;
  /** What has happened, in one sentence. */
  readonly summary: string;
  /** The alarm's heading in docs/runbook.md. */
  readonly runbook: string;
  /** @default 0: the first one is worth a look */
  readonly above?: number;
}

/**
 * An alarm with an article in the runbook. It notifies nobody by itself: a rule on the account's default bus
 * for "CloudWatch Alarm State Change" reaches whoever is on duty, without a topic that each team would replace.
 */
export class PlatformAlarm extends Alarm {
  constructor(scope: Construct, id: string, props: PlatformAlarmProps) {
    super(scope, id, {
      metric: props.metric,
      threshold: props.above ?? 0,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      alarmDescription: `${props.summary} See docs/runbook.md, "${props.runbook}".`,
    });
  }
}

/** Failures are rare: a sum over five minutes shows the first one and costs nothing while there is none. */
export const ALARM_PERIOD = Duration.minutes(5);
