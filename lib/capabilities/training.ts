import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { trainingRoutes } from '../../domain/training/contract.ts';
import type { environment as apiEnvironment } from '../../functions/training/answer-api/environment.ts';
import type { environment as evaluateEnvironment } from '../../functions/training/evaluate-model/environment.ts';
import type { environment as exportEnvironment } from '../../functions/training/export-model/environment.ts';
import type { environment as reconcileEnvironment } from '../../functions/training/reconcile-executions/environment.ts';
import type { environment as failureEnvironment } from '../../functions/training/record-failure/environment.ts';
import type { environment as outcomeEnvironment } from '../../functions/training/record-outcome/environment.ts';
import type { environment as startEnvironment } from '../../functions/training/record-start/environment.ts';
import type { environment as championEnvironment } from '../../functions/training/score-champion/environment.ts';
import type { environment as splitEnvironment } from '../../functions/training/split-dataset/environment.ts';
import type { environment as trainEnvironment } from '../../functions/training/train-model/environment.ts';
import type { environment as tuneEnvironment } from '../../functions/training/tune-model/environment.ts';
import type { environment as validateEnvironment } from '../../functions/training/validate-dataset/environment.ts';
import { CapabilityRoutes, type GatewayReference } from '../constructs/capability-routes.ts';
import { failedEventsTo } from '../constructs/failure-destination.ts';
import { PlatformFunction } from '../constructs/platform-function.ts';
import { publishValue, readValue } from '../constructs/shared-value.ts';
import type { StateReference } from '../constructs/state-reference.ts';
import { Workflow } from '../constructs/workflow.ts';

export interface TrainingProps {
  readonly state: StateReference;
  readonly gateway: GatewayReference;
  /** Reads the rows of a version that a retraining asked for. */
  readonly buildVersion: PlatformFunction;
}

const DATASETS = 'tenants/*/datasets/';
const WORK = 'tenants/*/trainings/';
const RUNS = 'tenants/*/experiments/';
const MODELS = 'tenants/*/models/';

/** Two vCPUs for DuckDB's two threads; three million rows of five columns take 1.5 GB. */
const READING_MB = 3008;
/** One vCPU: the trainer has one thread, and more memory would only cost more. */
const FITTING_MB = 1769;
/** An execution that takes longer has lost its way. */
const LONGEST_HOURS = 12;

/** Pipelines and executions: the API, the workflow that trains, and what ends what was interrupted. */
export class Training extends Construct {
  readonly workflow: Workflow;
  readonly #props: TrainingProps;

  constructor(scope: Construct, id: string, props: TrainingProps) {
    super(scope, id);
    this.#props = props;
    this.workflow = this.#addWorkflow();
    this.#addApi();
    this.#addReconciler();
    publishValue(this, 'training/train-model-state-machine-arn', this.workflow.stateMachineArn);
  }

  #addWorkflow(): Workflow {
    // The registry's states live in its own stack, before this one.
    const registerModelVersion = readValue(this, 'registry/register-model-version-function-arn');
    const requestApproval = readValue(this, 'registry/request-approval-function-arn');
    const workflow = new Workflow(this, 'Workflow', {
      definition: 'train-model',
      timeoutHours: LONGEST_HOURS,
      bindings: {
        BuildVersion: this.#props.buildVersion,
        RecordStart: this.#addRecordStart(),
        ValidateDataset: this.#addValidateDataset(),
        SplitDataset: this.#addSplitDataset(),
        TuneModel: this.#addTuneModel(),
        TrainModel: this.#addTrainModel(),
        ScoreChampion: this.#addScoreChampion(),
        EvaluateModel: this.#addEvaluateModel(),
        ExportModel: this.#addExportModel(),
        RegisterModelVersion: registerModelVersion,
        RequestApproval: requestApproval,
        RecordOutcome: this.#addEnd('RecordOutcome', 'training/record-outcome'),
        RecordFailure: this.#addEnd('RecordFailure', 'training/record-failure'),
      },
    });
    workflow.addToRolePolicy(
      new PolicyStatement({
        actions: ['lambda:InvokeFunction'],
        resources: [registerModelVersion, requestApproval],
      }),
    );
    return workflow;
  }

  get #tables() {
    const { platformTable, trackingTable } = this.#props.state;
    return { PLATFORM_TABLE_NAME: platformTable.tableName, TRACKING_TABLE_NAME: trackingTable.tableName };
  }

  get #buckets() {
    const { datasetBucket, artifactBucket } = this.#props.state;
    return { DATASET_BUCKET_NAME: datasetBucket.bucketName, ARTIFACT_BUCKET_NAME: artifactBucket.bucketName };
  }

  #addRecordStart(): PlatformFunction {
    const { platformTable, trackingTable } = this.#props.state;
    const recordStart = new PlatformFunction<typeof startEnvironment>(this, 'RecordStart', {
      entry: 'training/record-start',
      environment: this.#tables,
    });
    platformTable.grantReadWrite(recordStart);
    trackingTable.grantReadWrite(recordStart);
    return recordStart;
  }

  #addValidateDataset(): PlatformFunction {
    const { platformTable, datasetBucket, duckDbLayer } = this.#props.state;
    const validateDataset = new PlatformFunction<typeof validateEnvironment>(this, 'ValidateDataset', {
      entry: 'training/validate-dataset',
      description: 'Checks rows against what a pipeline expects and against the version before',
      environment: {
        PLATFORM_TABLE_NAME: platformTable.tableName,
        DATASET_BUCKET_NAME: datasetBucket.bucketName,
      },
      memoryMb: READING_MB,
      timeoutSeconds: 300,
      temporaryStorageMb: 4096,
      layers: [duckDbLayer],
    });
    platformTable.grantReadWrite(validateDataset);
    datasetBucket.grantRead(validateDataset, DATASETS);
    return validateDataset;
  }

  #addSplitDataset(): PlatformFunction {
    const { platformTable, datasetBucket, duckDbLayer } = this.#props.state;
    const splitDataset = new PlatformFunction<typeof splitEnvironment>(this, 'SplitDataset', {
      entry: 'training/split-dataset',
      environment: {
        PLATFORM_TABLE_NAME: platformTable.tableName,
        DATASET_BUCKET_NAME: datasetBucket.bucketName,
      },
      memoryMb: READING_MB,
      timeoutSeconds: 300,
      temporaryStorageMb: 4096,
      layers: [duckDbLayer],
    });
    platformTable.grantReadWrite(splitDataset);
    datasetBucket.grantRead(splitDataset, DATASETS);
    datasetBucket.grantPut(splitDataset, WORK);
    return splitDataset;
  }

  #addTuneModel(): PlatformFunction {
    const { platformTable, datasetBucket } = this.#props.state;
    const tuneModel = new PlatformFunction<typeof tuneEnvironment>(this, 'TuneModel', {
      entry: 'training/tune-model',
      description: 'One trial of a search',
      environment: {
        PLATFORM_TABLE_NAME: platformTable.tableName,
        DATASET_BUCKET_NAME: datasetBucket.bucketName,
      },
      memoryMb: FITTING_MB,
      timeoutSeconds: 900,
    });
    platformTable.grantReadWrite(tuneModel);
    datasetBucket.grantRead(tuneModel, WORK);
    return tuneModel;
  }

  #addTrainModel(): PlatformFunction {
    const { platformTable, trackingTable, datasetBucket } = this.#props.state;
    const trainModel = new PlatformFunction<typeof trainEnvironment>(this, 'TrainModel', {
      entry: 'training/train-model',
      environment: { ...this.#tables, DATASET_BUCKET_NAME: datasetBucket.bucketName },
      memoryMb: FITTING_MB,
      timeoutSeconds: 900,
    });
    platformTable.grantReadWrite(trainModel);
    trackingTable.grantReadWrite(trainModel);
    datasetBucket.grantReadWrite(trainModel, WORK);
    return trainModel;
  }

  /** Runs models that anybody may have handed in: no table, and of the buckets the least. */
  #addScoreChampion(): PlatformFunction {
    const { datasetBucket, artifactBucket, onnxRuntimeLayer } = this.#props.state;
    const scoreChampion = new PlatformFunction<typeof championEnvironment>(this, 'ScoreChampion', {
      entry: 'training/score-champion',
      environment: this.#buckets,
      // As much as a model had when it was registered.
      memoryMb: 3008,
      timeoutSeconds: 300,
      layers: [onnxRuntimeLayer],
    });
    artifactBucket.grantRead(scoreChampion, MODELS);
    datasetBucket.grantReadWrite(scoreChampion, WORK);
    return scoreChampion;
  }

  #addEvaluateModel(): PlatformFunction {
    const { platformTable, trackingTable, datasetBucket, artifactBucket } = this.#props.state;
    const evaluateModel = new PlatformFunction<typeof evaluateEnvironment>(this, 'EvaluateModel', {
      entry: 'training/evaluate-model',
      environment: { ...this.#tables, ...this.#buckets },
      memoryMb: FITTING_MB,
      // The bootstrap: 400 resamples of a million rows take four minutes.
      timeoutSeconds: 600,
    });
    platformTable.grantReadWrite(evaluateModel);
    trackingTable.grantReadWrite(evaluateModel);
    datasetBucket.grantRead(evaluateModel, WORK);
    artifactBucket.grantPut(evaluateModel, RUNS);
    return evaluateModel;
  }

  #addExportModel(): PlatformFunction {
    const { platformTable, trackingTable, datasetBucket, artifactBucket, onnxRuntimeLayer } =
      this.#props.state;
    const exportModel = new PlatformFunction<typeof exportEnvironment>(this, 'ExportModel', {
      entry: 'training/export-model',
      environment: { ...this.#tables, ...this.#buckets },
      memoryMb: FITTING_MB,
      timeoutSeconds: 300,
      layers: [onnxRuntimeLayer],
    });
    platformTable.grantReadWrite(exportModel);
    trackingTable.grantRead(exportModel);
    datasetBucket.grantRead(exportModel, WORK);
    artifactBucket.grantPut(exportModel, RUNS);
    return exportModel;
  }

  #addEnd(id: string, entry: 'training/record-outcome' | 'training/record-failure'): PlatformFunction {
    const end = new PlatformFunction<typeof outcomeEnvironment | typeof failureEnvironment>(this, id, {
      entry,
      environment: { ...this.#tables, DATASET_BUCKET_NAME: this.#buckets.DATASET_BUCKET_NAME },
    });
    this.#grantEnding(end);
    return end;
  }

  #addApi(): void {
    const { gateway } = this.#props;
    const answerApi = new PlatformFunction<typeof apiEnvironment>(this, 'AnswerApi', {
      entry: 'training/answer-api',
      environment: this.#runnerEnvironment(),
    });
    this.#grantEnding(answerApi);
    this.#grantRunning(answerApi, ['states:StopExecution']);
    new CapabilityRoutes(this, 'Routes', { gateway, routes: trainingRoutes, handler: answerApi });
  }

  #addReconciler(): void {
    const reconcile = new PlatformFunction<typeof reconcileEnvironment>(this, 'ReconcileExecutions', {
      entry: 'training/reconcile-executions',
      description: 'Ends or starts training executions that an outage interrupted',
      environment: this.#runnerEnvironment(),
      timeoutSeconds: 55,
      reservedConcurrency: 1,
      onFailure: failedEventsTo(this.#props.state.failureBucket),
    });
    this.#grantEnding(reconcile);
    this.#grantRunning(reconcile, ['states:DescribeExecution']);
    new Rule(this, 'ReconcileSchedule', {
      description: 'Trainings that have lost their workflow end within two minutes',
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaFunction(reconcile, { retryAttempts: 0 })],
    });
  }

  #runnerEnvironment() {
    return {
      ...this.#tables,
      DATASET_BUCKET_NAME: this.#buckets.DATASET_BUCKET_NAME,
      STATE_MACHINE_ARN: this.workflow.stateMachineArn,
    };
  }

  /** Ends are recorded in both tables, and the working files go. */
  #grantEnding(grantee: PlatformFunction): void {
    const { platformTable, trackingTable, datasetBucket } = this.#props.state;
    platformTable.grantReadWrite(grantee);
    trackingTable.grantReadWrite(grantee);
    datasetBucket.grantRead(grantee, WORK);
    datasetBucket.grantDelete(grantee, WORK);
  }

  #grantRunning(grantee: PlatformFunction, actions: string[]): void {
    this.workflow.grantStartExecution(grantee);
    const machine = this.workflow.stateMachineName;
    const executions = Stack.of(this).formatArn({
      service: 'states',
      resource: 'execution',
      resourceName: `${machine}:*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    grantee.addToRolePolicy(new PolicyStatement({ actions, resources: [executions] }));
  }
}
