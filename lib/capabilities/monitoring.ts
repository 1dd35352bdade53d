import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Construct } from 'constructs';
import { monitoringRoutes } from '../../domain/monitoring/contract.ts';
import type { environment as apiEnvironment } from '../../functions/monitoring/answer-api/environment.ts';
import type { environment as driftEnvironment } from '../../functions/monitoring/evaluate-drift/environment.ts';
import type { environment as performanceEnvironment } from '../../functions/monitoring/evaluate-performance/environment.ts';
import type { environment as sketchEnvironment } from '../../functions/monitoring/sketch-captures/environment.ts';
import { installationOf, observationLagSeconds } from '../config/installation.ts';
import { CapabilityRoutes, type GatewayReference } from '../constructs/capability-routes.ts';
import { CaptureDelivery } from '../constructs/capture-delivery.ts';
import { failedEventsTo } from '../constructs/failure-destination.ts';
import { PlatformFunction } from '../constructs/platform-function.ts';
import type { StateReference } from '../constructs/state-reference.ts';

export interface MonitoringProps {
  readonly state: StateReference;
  readonly gateway: GatewayReference;
}

/** From captured lines to windows, and from windows to verdicts. */
export class Monitoring extends Construct {
  readonly #state: StateReference;

  constructor(scope: Construct, id: string, { state, gateway }: MonitoringProps) {
    super(scope, id);
    this.#state = state;
    new CaptureDelivery(this, 'CaptureDelivery', {
      logGroup: state.endpointLogGroup,
      bucket: state.captureBucket,
      bufferSeconds: installationOf(this).captureBufferSeconds,
    });
    this.#addSketching();
    this.#addDrift();
    this.#addPerformance();
    this.#addApi(gateway);
  }

  #addSketching(): void {
    const { platformTable, measurementTable, captureBucket, artifactBucket, landingQueue } = this.#state;
    const sketchCaptures = new PlatformFunction<typeof sketchEnvironment>(this, 'SketchCaptures', {
      entry: 'monitoring/sketch-captures',
      environment: {
        PLATFORM_TABLE_NAME: platformTable.tableName,
        MEASUREMENT_TABLE_NAME: measurementTable.tableName,
        CAPTURE_BUCKET_NAME: captureBucket.bucketName,
        ARTIFACT_BUCKET_NAME: artifactBucket.bucketName,
      },
      memoryMb: 1769,
      timeoutSeconds: 120,
      // Windows are small: two at a time keep up with what one account's endpoints write in a minute.
      reservedConcurrency: 2,
    });
    sketchCaptures.addEventSource(
      new SqsEventSource(landingQueue, {
        batchSize: 10,
        maxBatchingWindow: Duration.seconds(1),
        reportBatchItemFailures: true,
      }),
    );
    platformTable.grantRead(sketchCaptures);
    measurementTable.grantReadWrite(sketchCaptures);
    artifactBucket.grantRead(sketchCaptures, 'tenants/');
    captureBucket.grantReadWrite(sketchCaptures);
  }

  #addDrift(): void {
    const { platformTable, measurementTable, artifactBucket, failureBucket } = this.#state;
    const evaluateDrift = new PlatformFunction<typeof driftEnvironment>(this, 'EvaluateDrift', {
      entry: 'monitoring/evaluate-drift',
      environment: {
        PLATFORM_TABLE_NAME: platformTable.tableName,
        MEASUREMENT_TABLE_NAME: measurementTable.tableName,
        ARTIFACT_BUCKET_NAME: artifactBucket.bucketName,
        OBSERVATION_LAG_SECONDS: String(observationLagSeconds(this)),
      },
      memoryMb: 1024,
      timeoutSeconds: 240,
      reservedConcurrency: 1,
      onFailure: failedEventsTo(failureBucket),
    });
    platformTable.grantReadWrite(evaluateDrift);
    measurementTable.grantRead(evaluateDrift);
    artifactBucket.grantRead(evaluateDrift, 'tenants/');
    this.#addSchedule('DriftSchedule', 'Judges the windows that have closed', evaluateDrift);
  }

  #addPerformance(): void {
    const { platformTable, captureBucket, failureBucket, duckDbLayer } = this.#state;
    const evaluatePerformance = new PlatformFunction<typeof performanceEnvironment>(
      this,
      'EvaluatePerformance',
      {
        entry: 'monitoring/evaluate-performance',
        environment: {
          PLATFORM_TABLE_NAME: platformTable.tableName,
          CAPTURE_BUCKET_NAME: captureBucket.bucketName,
        },
        memoryMb: 3008,
        timeoutSeconds: 240,
        temporaryStorageMb: 2048,
        reservedConcurrency: 1,
        layers: [duckDbLayer],
        onFailure: failedEventsTo(failureBucket),
      },
    );
    platformTable.grantReadWrite(evaluatePerformance);
    captureBucket.grantRead(evaluatePerformance);
    this.#addSchedule('PerformanceSchedule', 'Measures endpoints that got new labels', evaluatePerformance);
  }

  #addSchedule(id: string, description: string, target: PlatformFunction): void {
    new Rule(this, id, {
      description,
      schedule: Schedule.rate(Duration.minutes(installationOf(this).driftEvaluationMinutes)),
      // The next evaluation repeats what this one did not finish.
      targets: [new LambdaFunction(target, { retryAttempts: 0 })],
    });
  }

  #addApi(gateway: GatewayReference): void {
    const { platformTable, measurementTable, captureBucket, artifactBucket } = this.#state;
    const answerApi = new PlatformFunction<typeof apiEnvironment>(this, 'AnswerApi', {
      entry: 'monitoring/answer-api',
      environment: {
        PLATFORM_TABLE_NAME: platformTable.tableName,
        MEASUREMENT_TABLE_NAME: measurementTable.tableName,
        CAPTURE_BUCKET_NAME: captureBucket.bucketName,
        ARTIFACT_BUCKET_NAME: artifactBucket.bucketName,
      },
    });
    platformTable.grantReadWrite(answerApi);
    measurementTable.grantRead(answerApi);
    artifactBucket.grantRead(answerApi, 'tenants/');
    captureBucket.grantPut(answerApi, 'labels/');
    captureBucket.grantPut(answerApi, 'landing/external/');
    new CapabilityRoutes(this, 'Routes', { gateway, routes: monitoringRoutes, handler: answerApi });
  }
}
