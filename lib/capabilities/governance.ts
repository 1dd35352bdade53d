import { Duration } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { FilterCriteria, FilterRule, MetricType, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Construct } from 'constructs';
import { governanceRoutes } from '../../domain/governance/contract.ts';
import type { environment as apiEnvironment } from '../../functions/governance/answer-api/environment.ts';
import type { environment as relayEnvironment } from '../../functions/governance/relay-events/environment.ts';
import { CapabilityRoutes, type GatewayReference } from '../constructs/capability-routes.ts';
import { failedEventsTo, failedRecordsTo } from '../constructs/failure-destination.ts';
import { ALARM_PERIOD, PlatformAlarm } from '../constructs/platform-alarm.ts';
import { PlatformFunction } from '../constructs/platform-function.ts';
import type { StateReference } from '../constructs/state-reference.ts';

export interface GovernanceProps {
  readonly state: StateReference;
  readonly gateway: GatewayReference;
}

/** The relay of committed events to the bus and the audit, its sweeper, and the audit's reader. */
export class Governance extends Construct {
  constructor(scope: Construct, id: string, props: GovernanceProps) {
    super(scope, id);
    const { state } = props;
    const answerApi = new PlatformFunction<typeof apiEnvironment>(this, 'AnswerApi', {
      entry: 'governance/answer-api',
      environment: { PLATFORM_TABLE_NAME: state.platformTable.tableName },
    });
    state.platformTable.grantRead(answerApi);
    new CapabilityRoutes(this, 'Routes', {
      gateway: props.gateway,
      routes: governanceRoutes,
      handler: answerApi,
    });
    this.#addRelay(state);
    this.#addSweeper(state);
    state.platformTable.grantReadWrite(state.eventRelayRole);
    state.platformBus.grantPutEventsTo(state.eventRelayRole);
    state.auditBucket.grantPut(state.eventRelayRole);
  }

  #addRelay(state: StateReference): void {
    const relayEvents = this.#addRelayFunction(state, 'RelayEvents', 'governance/relay-events');
    const source = new DynamoEventSource(state.platformTableStream, {
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 100,
      // Events reach their rules within about a second even when the table is quiet.
      maxBatchingWindow: Duration.seconds(0),
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      // Ten tries span a throttled bus; what fails then is poisoned, and must not stop the shard.
      retryAttempts: 10,
      onFailure: failedRecordsTo(state.failureBucket),
      filters: [
        FilterCriteria.filter({
          eventName: FilterRule.isEqual('INSERT'),
          dynamodb: { Keys: { pk: { S: FilterRule.beginsWith('event#') } } },
        }),
      ],
      metricsConfig: { metrics: [MetricType.EVENT_COUNT] },
    });
    relayEvents.addEventSource(source);
    new PlatformAlarm(this, 'RelayFailedAlarm', {
      summary: 'An event could not be relayed and was put aside.',
      runbook: 'An event could not be relayed',
      metric: new Metric({
        namespace: 'AWS/Lambda',
        metricName: 'OnFailureDestinationDeliveredEventCount',
        dimensionsMap: { EventSourceMappingUUID: source.eventSourceMappingId },
        statistic: Stats.SUM,
        period: ALARM_PERIOD,
      }),
    });
  }

  #addSweeper(state: StateReference): void {
    const sweepEvents = this.#addRelayFunction(state, 'SweepEvents', 'governance/sweep-events');
    new Rule(this, 'SweepSchedule', {
      description: 'Relays events that the stream lost or gave up on',
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaFunction(sweepEvents, { retryAttempts: 0 })],
    });
  }

  #addRelayFunction(
    state: StateReference,
    id: string,
    entry: 'governance/relay-events' | 'governance/sweep-events',
  ): PlatformFunction {
    return new PlatformFunction<typeof relayEnvironment>(this, id, {
      entry,
      environment: {
        PLATFORM_TABLE_NAME: state.platformTable.tableName,
        PLATFORM_BUS_NAME: state.platformBus.eventBusName,
        AUDIT_BUCKET_NAME: state.auditBucket.bucketName,
      },
      timeoutSeconds: 55,
      reservedConcurrency: 2,
      role: state.eventRelayRole,
      ...(entry === 'governance/sweep-events' ? { onFailure: failedEventsTo(state.failureBucket) } : {}),
    });
  }
}
