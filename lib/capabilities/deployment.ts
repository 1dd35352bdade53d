import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { type IGrantable, Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { deploymentRoutes } from '../../domain/deployment/contract.ts';
import type { environment as advanceEnvironment } from '../../functions/deployment/advance-rollout/environment.ts';
import type { environment as apiEnvironment } from '../../functions/deployment/answer-api/environment.ts';
import type { environment as checkEnvironment } from '../../functions/deployment/check-candidate/environment.ts';
import type { environment as removalEnvironment } from '../../functions/deployment/delete-endpoint/environment.ts';
import type { environment as failEnvironment } from '../../functions/deployment/fail-rollout/environment.ts';
import type { environment as prepareEnvironment } from '../../functions/deployment/prepare-candidate/environment.ts';
import type { environment as reconcileEnvironment } from '../../functions/deployment/reconcile-deployments/environment.ts';
import { architectureOf, installationOf, observationLagSeconds } from '../config/installation.ts';
import { CapabilityRoutes, type GatewayReference } from '../constructs/capability-routes.ts';
import { failedEventsTo } from '../constructs/failure-destination.ts';
import { FunctionBundle } from '../constructs/function-bundle.ts';
import { PlatformFunction } from '../constructs/platform-function.ts';
import { publishValue } from '../constructs/shared-value.ts';
import type { StateReference } from '../constructs/state-reference.ts';
import { Workflow } from '../constructs/workflow.ts';
import { RunTimePermissions } from './run-time-permissions.ts';

export interface DeploymentProps {
  readonly state: StateReference;
  readonly gateway: GatewayReference;
}

/** Endpoints and rollouts: the API, the workflow that moves traffic, and what reacts, reconciles and removes. */
export class Deployment extends Construct {
  readonly #props: DeploymentProps;
  readonly #permissions: RunTimePermissions;
  readonly #workflow: Workflow;
  readonly #callers: {
    readonly PLATFORM_TABLE_NAME: string;
    readonly STATE_MACHINE_ARN: string;
    readonly ADVANCE_FUNCTION_NAME: string;
    readonly DELETE_FUNCTION_NAME: string;
  };
  readonly #calledNow: readonly PlatformFunction[];

  constructor(scope: Construct, id: string, props: DeploymentProps) {
    super(scope, id);
    this.#props = props;
    this.#permissions = new RunTimePermissions(this, 'RunTimePermissions', props);
    const advanceRollout = this.#addAdvanceRollout();
    const deleteEndpoint = this.#addRemoval('DeleteEndpoint', 'deployment/delete-endpoint', 120);
    this.#workflow = this.#addWorkflow(advanceRollout);
    this.#callers = {
      PLATFORM_TABLE_NAME: props.state.platformTable.tableName,
      STATE_MACHINE_ARN: this.#workflow.stateMachineArn,
      ADVANCE_FUNCTION_NAME: advanceRollout.functionName,
      DELETE_FUNCTION_NAME: deleteEndpoint.functionName,
    };
    this.#calledNow = [advanceRollout, deleteEndpoint];
    this.#addApi();
    this.#addReconciler();
    this.#addReactions();
    const removal = this.#addRemoval('RemoveRunTimeResources', 'deployment/remove-run-time-resources', 900);
    publishValue(this, 'deployment/remove-run-time-resources-function-name', removal.functionName);
  }

  #addApi(): void {
    const { state, gateway } = this.#props;
    const answerApi = new PlatformFunction<typeof apiEnvironment>(this, 'AnswerApi', {
      entry: 'deployment/answer-api',
      environment: this.#callers,
    });
    state.platformTable.grantReadWrite(answerApi);
    this.#grantRunning(answerApi);
    new CapabilityRoutes(this, 'Routes', { gateway, routes: deploymentRoutes, handler: answerApi });
  }

  #addWorkflow(advanceRollout: PlatformFunction): Workflow {
    const workflow = new Workflow(this, 'RollOutVersion', {
      definition: 'roll-out-version',
      bindings: {
        PrepareCandidate: this.#addPrepareCandidate(),
        CheckCandidate: this.#addCheckCandidate(),
        AdvanceRollout: advanceRollout,
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

  #addRemoval(
    id: string,
    entry: 'deployment/delete-endpoint' | 'deployment/remove-run-time-resources',
    timeoutSeconds: number,
  ): PlatformFunction {
    const { state, gateway } = this.#props;
    const removal = new PlatformFunction<typeof removalEnvironment>(this, id, {
      entry,
      environment: {
        PLATFORM_TABLE_NAME: state.platformTable.tableName,
        ARTIFACT_BUCKET_NAME: state.artifactBucket.bucketName,
        ENDPOINT_LOG_GROUP_ARN: this.#permissions.endpointLogGroupArn,
        TENANT_BOUNDARY_ARN: this.#permissions.boundary.managedPolicyArn,
        HTTP_API_ID: gateway.httpApiId,
        AUTHORIZER_ID: gateway.authorizerId,
        HTTP_API_ARN: this.#permissions.httpApiArn,
        FUNCTION_ARN_PREFIX: this.#permissions.functionArnPrefix,
      },
      timeoutSeconds,
      onFailure: failedEventsTo(state.failureBucket),
    });
    state.platformTable.grantReadWrite(removal);
    this.#permissions.grantRemove(removal);
    return removal;
  }

  #addReconciler(): void {
    const { state } = this.#props;
    const reconcile = new PlatformFunction<typeof reconcileEnvironment>(this, 'ReconcileDeployments', {
      entry: 'deployment/reconcile-deployments',
      description: 'Takes up rollouts and deletions that an outage interrupted',
      environment: this.#callers,
      timeoutSeconds: 55,
      reservedConcurrency: 1,
      onFailure: failedEventsTo(state.failureBucket),
    });
    state.platformTable.grantReadWrite(reconcile);
    this.#grantRunning(reconcile);
    new Rule(this, 'ReconcileSchedule', {
      description: 'Rollouts that have lost their execution go on within four minutes',
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaFunction(reconcile, { retryAttempts: 0 })],
    });
  }

  #addReactions(): void {
    const { state } = this.#props;
    const start = new PlatformFunction<typeof reconcileEnvironment>(this, 'StartRequestedRollout', {
      entry: 'deployment/start-requested-rollout',
      description: 'Rolls out what was approved or asked for, and back what was rejected',
      environment: this.#callers,
      timeoutSeconds: 60,
      onFailure: failedEventsTo(state.failureBucket),
    });
    state.platformTable.grantReadWrite(start);
    this.#grantRunning(start);
    new Rule(this, 'ApprovalRule', {
      description: 'Versions that were approved, rejected, or need no approval',
      eventBus: state.platformBus,
      eventPattern: {
        source: ['perennial.registry'],
        detailType: ['ModelVersionApproved', 'ModelVersionRegistered', 'ModelVersionRejected'],
      },
      targets: [new LambdaFunction(start)],
    });
    new Rule(this, 'RequestRule', {
      description: 'Rollouts that platform teams ask for',
      eventBus: state.requestBus,
      eventPattern: { detailType: ['RolloutRequested'] },
      targets: [new LambdaFunction(start)],
    });
  }

  #grantRunning(grantee: IGrantable): void {
    this.#workflow.grantStartExecution(grantee);
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['lambda:InvokeFunction'],
        resources: this.#calledNow.map(({ functionArn }) => functionArn),
      }),
    );
  }
}
