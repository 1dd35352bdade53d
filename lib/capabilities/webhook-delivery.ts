import { Duration, Stack } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { WEBHOOK_DETAIL_TYPES } from '../../domain/registry/webhook-contract.ts';
import type { environment } from '../../functions/registry/deliver-webhooks/environment.ts';
import { installationOf } from '../config/installation.ts';
import { ALARM_PERIOD, PlatformAlarm } from '../constructs/platform-alarm.ts';
import { PlatformFunction } from '../constructs/platform-function.ts';
import { parameterName } from '../constructs/shared-value.ts';
import type { StateReference } from '../constructs/state-reference.ts';

export interface WebhookDeliveryProps {
  readonly state: StateReference;
}

/** Attempts of a batch run side by side: ten seconds for the slowest receiver, and time to write it down. */
const TIMEOUT_SECONDS = 30;

/**
 * From an event on the platform bus to a call of each webhook that wants it. One queue holds both the events and
 * the deliveries that wait for their next attempt, so that nothing is lost and nothing runs while there is nothing.
 */
export class WebhookDelivery extends Construct {
  /** The variables of every function that checks receivers or opens secrets. */
  readonly variables: { readonly WEBHOOK_KEY_PARAMETER: string; readonly WEBHOOK_RECEIVERS: string };

  constructor(scope: Construct, id: string, { state }: WebhookDeliveryProps) {
    super(scope, id);
    this.variables = {
      WEBHOOK_KEY_PARAMETER: parameterName(this, 'registry/webhook-key'),
      WEBHOOK_RECEIVERS: JSON.stringify(installationOf(this).webhookReceivers),
    };
    const queue = this.#addQueue();
    new Rule(this, 'Rule', {
      description: "What MLflow's webhooks can be told",
      eventBus: state.platformBus,
      eventPattern: { source: ['perennial.registry'], detailType: [...WEBHOOK_DETAIL_TYPES] },
      targets: [new SqsQueue(queue)],
    });
    this.#addFunction(state, queue);
  }

  /** Reading the key that seals secrets; whoever may make it, too. */
  grantKey(grantee: IGrantable, access: 'read' | 'read and make'): void {
    const { WEBHOOK_KEY_PARAMETER } = this.variables;
    const resources = [
      Stack.of(this).formatArn({
        service: 'ssm',
        resource: 'parameter',
        resourceName: WEBHOOK_KEY_PARAMETER.slice(1),
      }),
    ];
    const actions = ['ssm:GetParameter', ...(access === 'read' ? [] : ['ssm:PutParameter'])];
    grantee.grantPrincipal.addToPrincipalPolicy(new PolicyStatement({ actions, resources }));
  }

  #addQueue(): Queue {
    const deadLetters = new Queue(this, 'DeadLetters', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    new PlatformAlarm(this, 'LeftOverAlarm', {
      summary: 'Webhook deliveries failed five times on our side and were put aside.',
      runbook: 'Webhook deliveries were put aside',
      metric: deadLetters.metricApproximateNumberOfMessagesVisible({ period: ALARM_PERIOD }),
    });
    return new Queue(this, 'Queue', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      // AWS asks for six times the consumer's timeout, so that repeats do not overlap.
      visibilityTimeout: Duration.seconds(6 * TIMEOUT_SECONDS),
      retentionPeriod: Duration.days(4),
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: 5 },
    });
  }

  #addFunction(state: StateReference, queue: Queue): void {
    const deliverWebhooks = new PlatformFunction<typeof environment>(this, 'DeliverWebhooks', {
      entry: 'registry/deliver-webhooks',
      description: 'Calls webhooks and writes down what they answered',
      environment: {
        PLATFORM_TABLE_NAME: state.platformTable.tableName,
        DELIVERY_QUEUE_URL: queue.queueUrl,
        ...this.variables,
      },
      timeoutSeconds: TIMEOUT_SECONDS,
    });
    state.platformTable.grantReadWrite(deliverWebhooks);
    queue.grantSendMessages(deliverWebhooks);
    this.grantKey(deliverWebhooks, 'read');
    deliverWebhooks.addEventSource(
      new SqsEventSource(queue, {
        batchSize: 10,
        maxBatchingWindow: Duration.seconds(0),
        // A hundred slow receivers hold up nothing but each other: 50 calls at once, and no more of the account.
        maxConcurrency: 5,
        reportBatchItemFailures: true,
      }),
    );
  }
}
