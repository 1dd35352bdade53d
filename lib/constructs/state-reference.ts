import { type ITable, Table } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus, type IEventBus } from 'aws-cdk-lib/aws-events';
import { type IRole, Role } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { type ILayerVersion, LayerVersion } from 'aws-cdk-lib/aws-lambda';
import { type ILogGroup, LogGroup } from 'aws-cdk-lib/aws-logs';
import { type IQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { BucketReference } from './bucket-reference.ts';
import { readValue, type SharedName } from './shared-value.ts';
import { TableReference } from './table-reference.ts';

/** The State stack as other stacks see it; a stack reads only the parameters of what it asks for. */
export class StateReference extends Construct {
  readonly #made = new Map<string, unknown>();

  /** Aggregates, events, idempotency: what changes in transactions and is relayed. */
  get platformTable(): TableReference {
    return this.#table('platform');
  }

  /** Experiments, runs, metrics: high traffic, no relay. */
  get trackingTable(): TableReference {
    return this.#table('tracking');
  }

  /** Windows and sketches of captured traffic: high traffic, no relay. */
  get measurementTable(): TableReference {
    return this.#table('measurement');
  }

  get artifactBucket(): BucketReference {
    return this.#bucket('artifact');
  }

  get datasetBucket(): BucketReference {
    return this.#bucket('dataset');
  }

  /** `landing/`, `captures/`, `labels/`. */
  get captureBucket(): BucketReference {
    return this.#bucket('capture');
  }

  get auditBucket(): BucketReference {
    return this.#bucket('audit');
  }

  /** Records and events that failed for good, to look at and to redrive. */
  get failureBucket(): BucketReference {
    return this.#bucket('failure');
  }

  get platformBus(): IEventBus {
    return this.#make('platform-bus-name', (id, name) => EventBus.fromEventBusName(this, id, name));
  }

  get requestBus(): IEventBus {
    return this.#make('request-bus-name', (id, name) => EventBus.fromEventBusName(this, id, name));
  }

  /** The only role that may put on the platform bus. */
  get eventRelayRole(): IRole {
    return this.#make('event-relay-role-name', (id, name) => Role.fromRoleName(this, id, name));
  }

  get signingKey(): IKey {
    return this.#make('signing-key-arn', (id, arn) => Key.fromKeyArn(this, id, arn));
  }

  /** Where all endpoint functions log. */
  get endpointLogGroup(): ILogGroup {
    return this.#make('endpoint-log-group-name', (id, name) => LogGroup.fromLogGroupName(this, id, name));
  }

  /** Announces objects below the capture bucket's `landing/`. */
  get landingQueue(): IQueue {
    return this.#make('landing-queue-arn', (id, arn) => Queue.fromQueueArn(this, id, arn));
  }

  get onnxRuntimeLayer(): ILayerVersion {
    return this.#layer('onnxruntime');
  }

  get duckDbLayer(): ILayerVersion {
    return this.#layer('duckdb');
  }

  /** The platform table with its stream, for event source mappings. */
  get platformTableStream(): ITable {
    return this.#make('platform-table-stream-arn', (id, tableStreamArn) =>
      Table.fromTableAttributes(this, id, {
        tableName: readValue(this, 'state/platform-table-name'),
        tableStreamArn,
      }),
    );
  }

  #table(name: 'platform' | 'tracking' | 'measurement'): TableReference {
    return this.#make(`${name}-table-name`, (_, value) => new TableReference(this, value));
  }

  #bucket(name: 'artifact' | 'dataset' | 'capture' | 'audit' | 'failure'): BucketReference {
    return this.#make(`${name}-bucket-name`, (id, value) => new BucketReference(this, id, value));
  }

  #layer(name: 'onnxruntime' | 'duckdb'): ILayerVersion {
    return this.#make(`${name}-layer-arn`, (id, arn) => LayerVersion.fromLayerVersionArn(this, id, arn));
  }

  #make<T>(name: string, make: (id: string, value: string) => T): T {
    if (!this.#made.has(name)) {
      const value = readValue(this, `state/${name}` satisfies SharedName);
      this.#made.set(name, make(name, value));
    }
    return this.#made.get(name) as T;
  }
}
