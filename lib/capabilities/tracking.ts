import { Construct } from 'constructs';
import { trackingRoutes } from '../../domain/tracking/contract.ts';
import type { environment } from '../../functions/tracking/answer-api/environment.ts';
import { CapabilityRoutes, type GatewayReference } from '../constructs/capability-routes.ts';
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
        ARTIFACT_BUCKET_NAME: state.artifactBucket.bucketName,
      },
      memoryMb: 1024,
    });
    state.platformTable.grantReadWrite(answerApi);
    state.trackingTable.grantReadWrite(answerApi);
    state.artifactBucket.grantReadWrite(answerApi, 'tenants/');
    state.artifactBucket.grantDelete(answerApi, 'tenants/');
    new CapabilityRoutes(this, 'Routes', { gateway, routes: trackingRoutes, handler: answerApi });
  }
}
