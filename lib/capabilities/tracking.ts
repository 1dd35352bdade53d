import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { artifactRoutes } from '../../domain/tracking/artifact-contract.ts';
import { trackingRoutes } from '../../domain/tracking/contract.ts';
import { webUiRoutes } from '../../domain/tracking/web-ui-contract.ts';
import type { environment } from '../../functions/tracking/answer-api/environment.ts';
import type { environment as artifactEnvironment } from '../../functions/tracking/answer-artifacts/environment.ts';
import type { environment as graphqlEnvironment } from '../../functions/tracking/answer-graphql/environment.ts';
import type { environment as purgeEnvironment } from '../../functions/tracking/purge-deleted/environment.ts';
import { installationOf, tenantLimitOf } from '../config/installation.ts';
import { CapabilityRoutes, type GatewayReference } from '../constructs/capability-routes.ts';
import { failedEventsTo } from '../constructs/failure-destination.ts';
import { PlatformFunction } from '../constructs/platform-function.ts';
import type { StateReference } from '../constructs/state-reference.ts';

export interface TrackingProps {
  readonly state: StateReference;
  readonly gateway: GatewayReference;
}

/** Experiments, runs and artifacts: MLflow's tracking API. */
export class Tracking extends Construct {
  constructor(scope: Construct, id: string, { state, gateway }: TrackingProps) {
    super(scope, id);
    const answerApi = new PlatformFunction<typeof environment>(this, 'AnswerApi', {
      entry: 'tracking/answer-api',
      environment: {
        PLATFORM_TABLE_NAME: state.platformTable.tableName,
        TRACKING_TABLE_NAME: state.trackingTable.tableName,
        TENANT_LIMIT: tenantLimitOf(this),
      },
      memoryMb: 1024,
    });
    state.platformTable.grantReadWrite(answerApi);
    state.trackingTable.grantReadWrite(answerApi);
    const routes = new CapabilityRoutes(this, 'Routes', {
      gateway,
      routes: trackingRoutes,
      handler: answerApi,
    });
    this.#addArtifacts(state, gateway, routes);
    this.#addGraphql(state, gateway);
    this.#addPurge(state);
  }

  /** Removes what was deleted and not restored in time; an empty trash costs one query an hour. */
  #addPurge(state: StateReference): void {
    const purgeDeleted = new PlatformFunction<typeof purgeEnvironment>(this, 'PurgeDeleted', {
      entry: 'tracking/purge-deleted',
      description: 'Removes what was deleted and not restored in time',
      environment: {
        PLATFORM_TABLE_NAME: state.platformTable.tableName,
        TRACKING_TABLE_NAME: state.trackingTable.tableName,
        ARTIFACT_BUCKET_NAME: state.artifactBucket.bucketName,
        RETENTION_DAYS: String(installationOf(this).deletedRetentionDays),
      },
      // Lambda's longest: an experiment of many runs is removed over several hours.
      timeoutSeconds: 900,
      reservedConcurrency: 1,
      onFailure: failedEventsTo(state.failureBucket),
    });
    state.platformTable.grantReadWrite(purgeDeleted);
    state.trackingTable.grantReadWrite(purgeDeleted);
    state.artifactBucket.grantRead(purgeDeleted, 'tenants/');
    state.artifactBucket.grantDelete(purgeDeleted, 'tenants/');
    new Rule(this, 'PurgeSchedule', {
      description: 'Removes what was deleted and not restored in time',
      schedule: Schedule.rate(Duration.hours(1)),
      targets: [new LambdaFunction(purgeDeleted, { retryAttempts: 0 })],
    });
  }

  /** A function of its own: S3's client would double what the functions of every metric load. */
  #addArtifacts(state: StateReference, gateway: GatewayReference, among: CapabilityRoutes): void {
    const answerArtifacts = new PlatformFunction<typeof artifactEnvironment>(this, 'AnswerArtifacts', {
      entry: 'tracking/answer-artifacts',
      environment: {
        PLATFORM_TABLE_NAME: state.platformTable.tableName,
        TRACKING_TABLE_NAME: state.trackingTable.tableName,
        ARTIFACT_BUCKET_NAME: state.artifactBucket.bucketName,
        TENANT_LIMIT: tenantLimitOf(this),
      },
      memoryMb: 1024,
    });
    // Writes nothing there but how much of its share of the API a tenant has taken.
    state.platformTable.grantReadWrite(answerArtifacts);
    state.trackingTable.grantRead(answerArtifacts);
    state.artifactBucket.grantReadWrite(answerArtifacts, 'tenants/');
    state.artifactBucket.grantDelete(answerArtifacts, 'tenants/');
    const routes = { gateway, routes: artifactRoutes, handler: answerArtifacts, among };
    new CapabilityRoutes(this, 'ArtifactRoutes', routes);
  }

  /** A function of its own: only MLflow's web UI calls it, and it alone needs a GraphQL library. */
  #addGraphql(state: StateReference, gateway: GatewayReference): void {
    const answerGraphql = new PlatformFunction<typeof graphqlEnvironment>(this, 'AnswerGraphql', {
      entry: 'tracking/answer-graphql',
      environment: {
        PLATFORM_TABLE_NAME: state.platformTable.tableName,
        TRACKING_TABLE_NAME: state.trackingTable.tableName,
        ARTIFACT_BUCKET_NAME: state.artifactBucket.bucketName,
        TENANT_LIMIT: tenantLimitOf(this),
      },
      memoryMb: 1024,
    });
    // Writes nothing there but how much of its share of the API a tenant has taken.
    state.platformTable.grantReadWrite(answerGraphql);
    state.trackingTable.grantRead(answerGraphql);
    state.artifactBucket.grantList(answerGraphql, 'tenants/');
    const routes = { gateway, routes: webUiRoutes, handler: answerGraphql };
    new CapabilityRoutes(this, 'GraphqlRoutes', routes);
  }
}
