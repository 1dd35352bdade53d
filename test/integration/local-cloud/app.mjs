import { App, CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaAuthorizer, HttpLambdaResponseType } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { AttributeType, StreamViewType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { CfnEventBusPolicy, EventBus } from 'aws-cdk-lib/aws-events';
import { DeliveryStream, S3Bucket } from 'aws-cdk-lib/aws-kinesisfirehose';
import {
  Code,
  FilterCriteria,
  FilterRule,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  StartingPosition,
} from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource, S3OnFailureDestination } from 'aws-cdk-lib/aws-lambda-event-sources';
import { FilterPattern, LogGroup, SubscriptionFilter } from 'aws-cdk-lib/aws-logs';
import { FirehoseDestination } from 'aws-cdk-lib/aws-logs-destinations';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { DefinitionBody, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';

const stack = new Stack(new App(), 'local-cloud-fixture');

const bucket = new Bucket(stack, 'Bucket', { removalPolicy: RemovalPolicy.DESTROY });
const captured = new LogGroup(stack, 'Captured');
const stream = new DeliveryStream(stack, 'Stream', {
  destination: new S3Bucket(bucket, {
    dataOutputPrefix: 'capture/!{timestamp:yyyy}/',
    errorOutputPrefix: 'error/',
  }),
});
new SubscriptionFilter(stack, 'Subscription', {
  logGroup: captured,
  destination: new FirehoseDestination(stream),
  filterPattern: FilterPattern.allEvents(),
});

const shared = {
  runtime: Runtime.NODEJS_24_X,
  code: Code.fromAsset('functions'),
  timeout: Duration.seconds(2),
};
const answer = new LambdaFunction(stack, 'Answer', {
  ...shared,
  handler: 'index.answer',
  loggingFormat: LoggingFormat.JSON,
  logGroup: captured,
});
const relay = new LambdaFunction(stack, 'Relay', {
  ...shared,
  handler: 'index.relay',
  reservedConcurrentExecutions: 2,
});
const authorize = new LambdaFunction(stack, 'Authorize', { ...shared, handler: 'index.authorize' });

const table = new TableV2(stack, 'Table', {
  partitionKey: { name: 'pk', type: AttributeType.STRING },
  dynamoStream: StreamViewType.NEW_IMAGE,
  removalPolicy: RemovalPolicy.DESTROY,
});
relay.addEventSource(
  new DynamoEventSource(table, {
    startingPosition: StartingPosition.TRIM_HORIZON,
    bisectBatchOnError: true,
    retryAttempts: 1,
    onFailure: new S3OnFailureDestination(bucket),
    filters: [FilterCriteria.filter({ dynamodb: { Keys: { pk: { S: FilterRule.beginsWith('event#') } } } })],
  }),
);

const bus = new EventBus(stack, 'Bus');
new CfnEventBusPolicy(stack, 'Policy', {
  eventBusName: bus.eventBusName,
  statementId: 'acme',
  statement: {
    Effect: 'Allow',
    Principal: { AWS: answer.role.roleArn },
    Action: 'events:PutEvents',
    Resource: bus.eventBusArn,
    Condition: { StringEquals: { 'events:source': 'tenant.acme' } },
  },
});

// Its role may call nothing: nobody has granted it the function.
const machine = new StateMachine(stack, 'Ungranted', {
  definitionBody: DefinitionBody.fromString(
    JSON.stringify({
      StartAt: 'Call',
      States: { Call: { Type: 'Task', Resource: answer.functionArn, End: true } },
    }),
  ),
});

const api = new HttpApi(stack, 'Api');
const authorizer = new HttpLambdaAuthorizer('Authorizer', authorize, {
  responseTypes: [HttpLambdaResponseType.SIMPLE],
  resultsCacheTtl: Duration.seconds(60),
});
const integration = new HttpLambdaIntegration('Integration', answer);
api.addRoutes({ path: '/closed/{proxy+}', methods: [HttpMethod.ANY], integration, authorizer });
const accessLog = new LogGroup(stack, 'AccessLog');
api.defaultStage.node.defaultChild.accessLogSettings = {
  destinationArn: accessLog.logGroupArn,
  format: '{"id":"$context.requestId","tenant":"$context.authorizer.tenant","status":"$context.status"}',
};

const outputs = {
  Api: api.apiId,
  Answer: answer.functionName,
  Relay: relay.functionName,
  Bucket: bucket.bucketName,
  Bus: bus.eventBusName,
  Table: table.tableName,
  Captured: captured.logGroupName,
  AccessLog: accessLog.logGroupName,
  Machine: machine.stateMachineArn,
};
for (const [name, value] of Object.entries(outputs)) new CfnOutput(stack, `${name}Name`, { value });
