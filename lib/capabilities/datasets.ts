import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { datasetRoutes } from '../../domain/datasets/contract.ts';
import type { environment as apiEnvironment } from '../../functions/datasets/answer-api/environment.ts';
import type { environment as buildEnvironment } from '../../functions/datasets/build-version/environment.ts';
import { CapabilityRoutes, type GatewayReference } from '../constructs/capability-routes.ts';
import { failedEventsTo } from '../constructs/failure-destination.ts';
import { PlatformFunction } from '../constructs/platform-function.ts';
import type { StateReference } from '../constructs/state-reference.ts';

export interface DatasetsProps {
  readonly state: StateReference;
  readonly gateway: GatewayReference;
}

/** Immutable versions of rows: uploaded, or made of what an endpoint saw and what then happened. */
export class Datasets extends Construct {
  /** Reads a pending version's rows; the training machine calls it too. */
  readonly buildVersion: PlatformFunction;

  constructor(scope: Construct, id: string, { state, gateway }: DatasetsProps) {
    super(scope, id);
    this.buildVersion = new PlatformFunction<typeof buildEnvironment>(this, 'BuildVersion', {
      entry: 'datasets/build-version',
      environment: {
        PLATFORM_TABLE_NAME: state.platformTable.tableName,
        DATASET_BUCKET_NAME: state.datasetBucket.bucketName,
        CAPTURE_BUCKET_NAME: state.captureBucket.bucketName,
      },
      // Three million rows of five columns take about 15 s and 1.5 GB on two vCPUs.
      memoryMb: 3008,
      timeoutSeconds: 600,
      temporaryStorageMb: 4096,
      layers: [state.duckDbLayer],
      onFailure: failedEventsTo(state.failureBucket),
    });
    state.platformTable.grantReadWrite(this.buildVersion);
    state.datasetBucket.grantReadWrite(this.buildVersion, 'tenants/');
    state.captureBucket.grantRead(this.buildVersion);
    const answerApi = new PlatformFunction<typeof apiEnvironment>(this, 'AnswerApi', {
      entry: 'datasets/answer-api',
      environment: {
        PLATFORM_TABLE_NAME: state.platformTable.tableName,
        DATASET_BUCKET_NAME: state.datasetBucket.bucketName,
        BUILD_VERSION_FUNCTION_NAME: this.buildVersion.functionName,
      },
    });
    state.platformTable.grantReadWrite(answerApi);
    state.datasetBucket.grantReadWrite(answerApi, 'tenants/');
    answerApi.addToRolePolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [this.buildVersion.functionArn] }),
    );
    new CapabilityRoutes(this, 'Routes', { gateway, routes: datasetRoutes, handler: answerApi });
  }
}
