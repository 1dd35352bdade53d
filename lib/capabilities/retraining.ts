import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { retrainingRoutes } from '../../domain/retraining/contract.ts';
import type { environment as apiEnvironment } from '../../functions/retraining/answer-api/environment.ts';
import type { environment as evaluateEnvironment } from '../../functions/retraining/evaluate-policies/environment.ts';
import { installationOf } from '../config/installation.ts';
import { CapabilityRoutes, type GatewayReference } from '../constructs/capability-routes.ts';
import { failedEventsTo } from '../constructs/failure-destination.ts';
import { PlatformFunction } from '../constructs/platform-function.ts';
import { readValue } from '../constructs/shared-value.ts';
import type { StateReference } from '../constructs/state-reference.ts';

export interface RetrainingProps {
  readonly state: StateReference;
  readonly gateway: GatewayReference;
}

/** Policies that turn drift and lost quality into trainings, or say why not. */
export class Retraining extends Construct {
  constructor(scope: Construct, id: string, { state, gateway }: RetrainingProps) {
    super(scope, id);
    const answerApi = new PlatformFunction<typeof apiEnvironment>(this, 'AnswerApi', {
      entry: 'retraining/answer-api',
      environment: { PLATFORM_TABLE_NAME: state.platformTable.tableName },
    });
    state.platformTable.grantReadWrite(answerApi);
    new CapabilityRoutes(this, 'Routes', { gateway, routes: retrainingRoutes, handler: answerApi });
    this.#addReactions(state, this.#addEvaluation(state));
  }

  #addEvaluation(state: StateReference): PlatformFunction {
    const stateMachineArn = readValue(this, 'training/train-model-state-machine-arn');
    const evaluatePolicies = new PlatformFunction<typeof evaluateEnvironment>(this, 'EvaluatePolicies', {
      entry: 'retraining/evaluate-policies',
      environment: {
        PLATFORM_TABLE_NAME: state.platformTable.tableName,
        CAPTURE_BUCKET_NAME: state.captureBucket.bucketName,
        TRAIN_MODEL_STATE_MACHINE_ARN: stateMachineArn,
      },
      // Counting labels joins a window's rows with them.
      memoryMb: 3008,
      timeoutSeconds: 240,
      temporaryStorageMb: 2048,
      layers: [state.duckDbLayer],
      onFailure: failedEventsTo(state.failureBucket),
    });
    state.platformTable.grantReadWrite(evaluatePolicies);
    state.captureBucket.grantRead(evaluatePolicies);
    evaluatePolicies.addToRolePolicy(
      new PolicyStatement({ actions: ['states:StartExecution'], resources: [stateMachineArn] }),
    );
    return evaluatePolicies;
  }

  #addReactions(state: StateReference, evaluatePolicies: PlatformFunction): void {
    new Rule(this, 'FindingRule', {
      description: 'Drift and lost quality',
      eventBus: state.platformBus,
      eventPattern: {
        source: ['perennial.monitoring'],
        detailType: ['DriftDetected', 'PerformanceDegraded'],
      },
      targets: [new LambdaFunction(evaluatePolicies)],
    });
    new Rule(this, 'RequestRule', {
      description: 'Trainings that platform teams ask for',
      eventBus: state.requestBus,
      eventPattern: { detailType: ['RetrainingRequested'] },
      targets: [new LambdaFunction(evaluatePolicies)],
    });
    new Rule(this, 'RevisitSchedule', {
      description: 'Looks again at triggers that wait for labels, a cooldown or a rollout',
      schedule: Schedule.rate(Duration.minutes(installationOf(this).driftEvaluationMinutes)),
      targets: [new LambdaFunction(evaluatePolicies, { retryAttempts: 0 })],
    });
  }
}
