import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { environment as advanceEnvironment } from '../../functions/deployment/advance-rollout/environment.ts';
import type { environment as checkEnvironment } from '../../functions/deployment/check-candidate/environment.ts';
import type { environment as failEnvironment } from '../../functions/deployment/fail-rollout/environment.ts';
import type { environment as prepareEnvironment } from '../../functions/deployment/prepare-candidate/environment.ts';
import { architectureOf, installationOf, observationLagSeconds } from '../config/installation.ts';
import type { GatewayReference } from '../constructs/capability-routes.ts';
import { FunctionBundle } from '../constructs/function-bundle.ts';
import { PlatformFunction } from '../constructs/platform-function.ts';
import type { StateReference } from '../constructs/state-reference.ts';
import { Workflow } from '../constructs/workflow.ts';
import type { RunTimePermissions } from './run-time-permissions.ts';

export interface RolloutWorkflowProps {
  readonly state: StateReference;
  readonly gateway: GatewayReference;
  readonly permissions: RunTimePermissions;
}

/** The state machine `roll-out-version` and its functions, each with what its one state needs. */
export class RolloutWorkflow extends Construct {
  readonly workflow: Workflow;
  /** Also called between ticks, when an operator's command shall not wait. */
  readonly advanceRollout: PlatformFunction;
  readonly #props: RolloutWorkflowProps;
  readonly #permissions: RunTimePermissions;

  constructor(scope: Construct, id: string, props: RolloutWorkflowProps) {
    super(scope, id);
    this.#props = props;
    this.#permissions = props.permissions;
    this.advanceRollout = this.#addAdvanceRollout();
    this.workflow = this.#addWorkflow();
  }

  #addWorkflow(): Workflow {
    const workflow = new Workflow(this, 'RollOutVersion', {
      definition: 'roll-out-version',
      bindings: {
        PrepareCandidate: this.#addPrepareCandidate(),
        CheckCandidate: this.#addCheckCandidate(),
        AdvanceRollout: this.advanceRollout,
        FailRollout: this.#addFailRollout(),
      },
    });
    // A policy of its own: in the role's default policy the machine's ARN would be a cycle.
    new Policy(this, 'HandOverPolicy', {
      roles: [workflow.role],
      statements: [
        new PolicyStatement({ actions: ['states:StartExecution'], resources: [workflow.stateMachineArn] }),
      ],
    });
    return workflow;
  }

  #addPrepareCandidate(): PlatformFunction {
    const { state } = this.#props;
    const bundle = new FunctionBundle(this, 'ServingBundle', { entry: 'serving/answer-inference' });
    const layerArn = state.onnxRuntimeLayer.layerVersionArn;
    const prepareCandidate = new PlatformFunction<typeof prepareEnvironment>(this, 'PrepareCandidate', {
      entry: 'deployment/prepare-candidate',
      description: 'Publishes a candidate version of an endpoint’s function',
      environment: {
        PLATFORM_TABLE_NAME: state.platformTable.tableName,
        ARTIFACT_BUCKET_NAME: state.artifactBucket.bucketName,
        SERVING_BUNDLE_BUCKET: bundle.bucketName,
        SERVING_BUNDLE_KEY: bundle.objectKey,
        RUNTIME_LAYER_ARN: layerArn,
        ARCHITECTURE: architectureOf(installationOf(this).platform),
        ENDPOINT_LOG_GROUP_NAME: state.endpointLogGroup.logGroupName,
        ENDPOINT_LOG_GROUP_ARN: this.#permissions.endpointLogGroupArn,
        TENANT_BOUNDARY_ARN: this.#permissions.boundary.managedPolicyArn,
        SIGNING_KEY_ARN: state.signingKey.keyArn,
      },
      // It waits up to 90 s for Lambda; the state gives up after 150.
      timeoutSeconds: 140,
    });
    state.platformTable.grantReadWrite(prepareCandidate);
    bundle.grantRead(prepareCandidate);
    this.#permissions.grantPublish(prepareCandidate, layerArn);
    prepareCandidate.addToRolePolicy(
      new PolicyStatement({ actions: ['kms:GetPublicKey'], resources: [state.signingKey.keyArn] }),
    );
    return prepareCandidate;
  }

  #addCheckCandidate(): PlatformFunction {
    const { platformTable } = this.#props.state;
    const checkCandidate = new PlatformFunction<typeof checkEnvironment>(this, 'CheckCandidate', {
      entry: 'deployment/check-candidate',
      description: 'Invokes a candidate with its own example',
      environment: { PLATFORM_TABLE_NAME: platformTable.tableName },
      // INIT may take 10 s, is tried again in the invocation, and that has the endpoint's 29 s.
      timeoutSeconds: 65,
    });
    platformTable.grantRead(checkCandidate);
    this.#permissions.grantInvoke(checkCandidate);
    return checkCandidate;
  }

  #addAdvanceRollout(): PlatformFunction {
    const { state, gateway } = this.#props;
    const advanceRollout = new PlatformFunction<typeof advanceEnvironment>(this, 'AdvanceRollout', {
      entry: 'deployment/advance-rollout',
      description: 'One tick of a rollout: the only function that gives candidates traffic',
      environment: {
        PLATFORM_TABLE_NAME: state.platformTable.tableName,
        MEASUREMENT_TABLE_NAME: state.measurementTable.tableName,
        OBSERVATION_LAG_SECONDS: String(observationLagSeconds(this)),
        HTTP_API_ID: gateway.httpApiId,
        AUTHORIZER_ID: gateway.authorizerId,
        HTTP_API_ARN: this.#permissions.httpApiArn,
        FUNCTION_ARN_PREFIX: this.#permissions.functionArnPrefix,
      },
      timeoutSeconds: 55,
    });
    state.platformTable.grantReadWrite(advanceRollout);
    state.measurementTable.grantRead(advanceRollout);
    this.#permissions.grantTraffic(advanceRollout);
    this.#permissions.grantWatchTraffic(advanceRollout);
    this.#permissions.grantPlaceRoutes(advanceRollout);
    return advanceRollout;
  }

  #addFailRollout(): PlatformFunction {
    const { platformTable } = this.#props.state;
    const failRollout = new PlatformFunction<typeof failEnvironment>(this, 'FailRollout', {
      entry: 'deployment/fail-rollout',
      description: 'Ends a rollout that could not go on, with the traffic on the incumbent',
      environment: { PLATFORM_TABLE_NAME: platformTable.tableName },
      timeoutSeconds: 55,
    });
    platformTable.grantReadWrite(failRollout);
    this.#permissions.grantTraffic(failRollout);
    return failRollout;
  }
}
