import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { deploymentRoutes } from '../../domain/deployment/contract.ts';
import type { environment as apiEnvironment } from '../../functions/deployment/answer-api/environment.ts';
import type { environment as removalEnvironment } from '../../functions/deployment/delete-endpoint/environment.ts';
import type { environment as reconcileEnvironment } from '../../functions/deployment/reconcile-deployments/environment.ts';
import { CapabilityRoutes, type GatewayReference } from '../constructs/capability-routes.ts';
import { failedEventsTo } from '../constructs/failure-destination.ts';
import { PlatformFunction } from '../constructs/platform-function.ts';
import { publishValue } from '../constructs/shared-value.ts';
import type { StateReference } from '../constructs/state-reference.ts';
import type { Workflow } from '../constructs/workflow.ts';
import { RolloutWorkflow } from './rollout-workflow.ts';
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
    const permissions = this.#permissions;
    const { workflow, advanceRollout } = new RolloutWorkflow(this, 'RolloutWorkflow', {
      ...props,
      permissions,
    });
    this.#workflow = workflow;
    const deleteEndpoint = this.#addRemoval('DeleteEndpoint', 'deployment/delete-endpoint', 120);
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
