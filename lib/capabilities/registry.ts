import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { registryRoutes } from '../../domain/registry/contract.ts';
import type { environment as apiEnvironment } from '../../functions/registry/answer-api/environment.ts';
import type { environment as checkEnvironment } from '../../functions/registry/check-model/environment.ts';
import type { environment as inspectEnvironment } from '../../functions/registry/inspect-model/environment.ts';
import type { environment as refuseEnvironment } from '../../functions/registry/refuse-unchecked-version/environment.ts';
import type { environment as registerEnvironment } from '../../functions/registry/register-model-version/environment.ts';
import type { environment as requestEnvironment } from '../../functions/registry/request-approval/environment.ts';
import { tenantLimitOf } from '../config/installation.ts';
import { CapabilityRoutes, type GatewayReference } from '../constructs/capability-routes.ts';
import { failedEventsToFunction, grantInvoke } from '../constructs/failure-destination.ts';
import { PlatformFunction } from '../constructs/platform-function.ts';
import { publishValue } from '../constructs/shared-value.ts';
import type { StateReference } from '../constructs/state-reference.ts';
import { WebhookDelivery } from './webhook-delivery.ts';

export interface RegistryProps {
  readonly state: StateReference;
  readonly gateway: GatewayReference;
}

/** Every key of the artifact bucket belongs to a tenant. */
const TENANTS = 'tenants/';
const VERSIONS = `${TENANTS}*/models/`;

/** Models and versions: the API, the check that ends in a signature, and two states of the training machine. */
export class Registry extends Construct {
  readonly #state: StateReference;

  constructor(scope: Construct, id: string, { state, gateway }: RegistryProps) {
    super(scope, id);
    this.#state = state;
    const checkModel = this.#addCheckModel(this.#addInspectModel());
    const answerApi = this.#addApi(checkModel, new WebhookDelivery(this, 'WebhookDelivery', { state }));
    new CapabilityRoutes(this, 'Routes', { gateway, routes: registryRoutes, handler: answerApi });
    this.#addTrainingStates(checkModel);
  }

  #addApi(checkModel: PlatformFunction, webhooks: WebhookDelivery): PlatformFunction {
    const { platformTable, trackingTable, artifactBucket, signingKey } = this.#state;
    const answerApi = new PlatformFunction<typeof apiEnvironment>(this, 'AnswerApi', {
      entry: 'registry/answer-api',
      environment: {
        PLATFORM_TABLE_NAME: platformTable.tableName,
        TRACKING_TABLE_NAME: trackingTable.tableName,
        ARTIFACT_BUCKET_NAME: artifactBucket.bucketName,
        SIGNING_KEY_ARN: signingKey.keyArn,
        CHECK_MODEL_FUNCTION_NAME: checkModel.functionName,
        TENANT_LIMIT: tenantLimitOf(this),
        ...webhooks.variables,
      },
      memoryMb: 1024,
    });
    webhooks.grantKey(answerApi, 'read and make');
    platformTable.grantReadWrite(answerApi);
    // A logged model is told of the versions that were made from it.
    trackingTable.grantReadWrite(answerApi);
    artifactBucket.grantRead(answerApi, TENANTS);
    // Presigned targets carry this role's permission.
    artifactBucket.grantPut(answerApi, `${TENANTS}*/uploads/`);
    // The public half alone: what signatures are verified against.
    answerApi.addToRolePolicy(
      new PolicyStatement({ actions: ['kms:GetPublicKey'], resources: [signingKey.keyArn] }),
    );
    grantInvoke(checkModel, answerApi);
    return answerApi;
  }

  /** Runs files of unknown origin: it can read artifacts and nothing else. */
  #addInspectModel(): PlatformFunction {
    const { artifactBucket, onnxRuntimeLayer } = this.#state;
    const inspectModel = new PlatformFunction<typeof inspectEnvironment>(this, 'InspectModel', {
      entry: 'registry/inspect-model',
      description: 'Loads and runs a submitted model, within limits',
      environment: { ARTIFACT_BUCKET_NAME: artifactBucket.bucketName },
      // New accounts cannot have more than 3,008 MB.
      memoryMb: 3008,
      timeoutSeconds: 60,
      temporaryStorageMb: 10_240,
      reservedConcurrency: 5,
      layers: [onnxRuntimeLayer],
    });
    artifactBucket.grantRead(inspectModel, TENANTS);
    return inspectModel;
  }

  #addCheckModel(inspectModel: PlatformFunction): PlatformFunction {
    const { platformTable, artifactBucket, signingKey } = this.#state;
    const refuseUnchecked = new PlatformFunction<typeof refuseEnvironment>(this, 'RefuseUncheckedVersion', {
      entry: 'registry/refuse-unchecked-version',
      description: 'Ends versions whose check died',
      environment: { PLATFORM_TABLE_NAME: platformTable.tableName },
    });
    platformTable.grantReadWrite(refuseUnchecked);
    const checkModel = new PlatformFunction<typeof checkEnvironment>(this, 'CheckModel', {
      entry: 'registry/check-model',
      description: 'Copies, inspects and signs submitted versions',
      environment: {
        PLATFORM_TABLE_NAME: platformTable.tableName,
        ARTIFACT_BUCKET_NAME: artifactBucket.bucketName,
        SIGNING_KEY_ARN: signingKey.keyArn,
        INSPECT_MODEL_FUNCTION_NAME: inspectModel.functionName,
      },
      memoryMb: 1024,
      // Copies and digests of up to 20 GB, and an inspection of one minute.
      timeoutSeconds: 900,
      onFailure: failedEventsToFunction(refuseUnchecked),
    });
    platformTable.grantReadWrite(checkModel);
    artifactBucket.grantRead(checkModel, TENANTS);
    artifactBucket.grantPut(checkModel, VERSIONS);
    artifactBucket.grantDelete(checkModel, VERSIONS);
    grantInvoke(inspectModel, checkModel);
    checkModel.addToRolePolicy(
      new PolicyStatement({ actions: ['kms:Sign', 'kms:GetPublicKey'], resources: [signingKey.keyArn] }),
    );
    return checkModel;
  }

  #addTrainingStates(checkModel: PlatformFunction): void {
    const { platformTable, artifactBucket } = this.#state;
    const registerModelVersion = new PlatformFunction<typeof registerEnvironment>(
      this,
      'RegisterModelVersion',
      {
        entry: 'registry/register-model-version',
        description: 'State of the training machine: registers what it made',
        environment: {
          PLATFORM_TABLE_NAME: platformTable.tableName,
          ARTIFACT_BUCKET_NAME: artifactBucket.bucketName,
          CHECK_MODEL_FUNCTION_NAME: checkModel.functionName,
        },
        timeoutSeconds: 330,
      },
    );
    platformTable.grantReadWrite(registerModelVersion);
    artifactBucket.grantRead(registerModelVersion, TENANTS);
    grantInvoke(checkModel, registerModelVersion);
    const requestApproval = new PlatformFunction<typeof requestEnvironment>(this, 'RequestApproval', {
      entry: 'registry/request-approval',
      description: "State of the training machine: asks for an approval when the model's policy wants one",
      environment: { PLATFORM_TABLE_NAME: platformTable.tableName },
    });
    platformTable.grantReadWrite(requestApproval);
    publishValue(this, 'registry/register-model-version-function-arn', registerModelVersion.functionArn);
    publishValue(this, 'registry/request-approval-function-arn', requestApproval.functionArn);
  }
}
