import { Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { AttributeType, ProjectionType } from 'aws-cdk-lib/aws-dynamodb';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { HttpMethods, ObjectLockRetention } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { installationOf } from '../config/installation.ts';
import { EventBuses } from '../constructs/event-buses.ts';
import { LandingQueue } from '../constructs/landing-queue.ts';
import { NativeLayer } from '../constructs/native-layer.ts';
import { RetainedBucket } from '../constructs/retained-bucket.ts';
import { RetainedTable } from '../constructs/retained-table.ts';
import { publishValue } from '../constructs/shared-value.ts';

/** What must survive everything else: tables, buckets, keys, buses, and the layers that endpoints use. */
export class StateStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, { ...props, description: 'Perennial: state, kept on update and delete' });
    this.#addTables();
    this.#addBuckets();
    this.#addSigningKey();
    const buses = new EventBuses(this, 'EventBuses');
    publishValue(this, 'state/platform-bus-name', buses.platformBusName);
    publishValue(this, 'state/request-bus-name', buses.requestBusName);
    publishValue(this, 'state/event-relay-role-name', buses.relayRole.roleName);
    this.#addEndpointLogs();
    for (const layer of ['onnxruntime', 'duckdb'] as const) {
      const { layerVersionArn } = new NativeLayer(this, layer === 'duckdb' ? 'DuckDb' : 'OnnxRuntime', {
        layer,
      });
      publishValue(this, `state/${layer}-layer-arn`, layerVersionArn);
    }
  }

  #addTables(): void {
    const platform = new RetainedTable(this, 'PlatformTable', { stream: true, expiring: true });
    // Events that were not relayed yet; sparse, so that a sweep reads only those.
    platform.addGlobalSecondaryIndex({
      indexName: 'pending',
      partitionKey: { name: 'pendingShard', type: AttributeType.STRING },
      sortKey: { name: 'pendingSince', type: AttributeType.STRING },
      projectionType: ProjectionType.KEYS_ONLY,
    });
    publishValue(this, 'state/platform-table-name', platform.tableName);
    publishValue(this, 'state/platform-table-stream-arn', platform.tableStreamArn!);
    publishValue(this, 'state/tracking-table-name', new RetainedTable(this, 'TrackingTable').tableName);
    const measurement = new RetainedTable(this, 'MeasurementTable', { expiring: true });
    publishValue(this, 'state/measurement-table-name', measurement.tableName);
  }

  #addBuckets(): void {
    const { audit, captureRetentionDays } = installationOf(this);
    const buckets = {
      artifact: this.#makeArtifactBucket(),
      dataset: new RetainedBucket(this, 'DatasetBucket'),
      capture: new RetainedBucket(this, 'CaptureBucket', {
        lifecycleRules: [{ expiration: Duration.days(captureRetentionDays) }],
      }),
      audit: new RetainedBucket(this, 'AuditBucket', {
        versioned: true,
        objectLockEnabled: true,
        objectLockDefaultRetention: ObjectLockRetention[audit.mode](Duration.days(audit.retentionDays)),
      }),
      failure: new RetainedBucket(this, 'FailureBucket', {
        // Long enough to notice the alarm, to mend the cause and to redrive.
        lifecycleRules: [{ expiration: Duration.days(90) }],
      }),
    };
    for (const [name, bucket] of Object.entries(buckets)) {
      publishValue(this, `state/${name}-bucket-name`, bucket.bucketName);
    }
    const landing = new LandingQueue(this, 'LandingQueue', { bucket: buckets.capture, prefix: 'landing/' });
    publishValue(this, 'state/landing-queue-arn', landing.queueArn);
  }

  #makeArtifactBucket(): RetainedBucket {
    return new RetainedBucket(this, 'ArtifactBucket', {
      versioned: true,
      lifecycleRules: [
        {
          // What was deleted or overwritten can be fetched back for a month, and is then gone for good.
          noncurrentVersionExpiration: Duration.days(30),
          expiredObjectDeleteMarker: true,
        },
      ],
      // A page follows the API's redirect to here with `fetch`; the signed address is what admits it.
      cors: [
        {
          allowedMethods: [HttpMethods.GET, HttpMethods.HEAD],
          allowedOrigins: ['*'],
          allowedHeaders: ['*'],
          exposedHeaders: ['ETag', 'Content-Disposition', 'Content-Length', 'Content-Range'],
          maxAge: 3600,
        },
      ],
    });
  }

  #addSigningKey(): void {
    const key = new Key(this, 'SigningKey', {
      keySpec: KeySpec.ECC_NIST_P256,
      keyUsage: KeyUsage.SIGN_VERIFY,
      description: 'Signs model manifests',
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    publishValue(this, 'state/signing-key-arn', key.keyArn);
  }

  #addEndpointLogs(): void {
    const logs = new LogGroup(this, 'EndpointLogs', {
      retention: installationOf(this).logRetentionDays,
      // Captured rows are in S3 by then; what stays here would only be an invoice.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    publishValue(this, 'state/endpoint-log-group-name', logs.logGroupName);
  }
}
