import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnApi, CfnAuthorizer, CfnStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { CfnPermission, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { installationOf } from '../config/installation.ts';
import type { GatewayReference } from './capability-routes.ts';

/** Within this time a revoked token stops working everywhere; the authorizer's cache covers all routes. */
const AUTHORIZER_CACHE_SECONDS = 60;

/** One line a request. No path and no address: both can hold personal data; the route and the actor's id do. */
const ACCESS_LOG = {
  requestId: '$context.requestId',
  time: '$context.requestTimeEpoch',
  tenant: '$context.authorizer.tenant',
  actor: '$context.authorizer.actor',
  route: '$context.routeKey',
  status: '$context.status',
  latencyMs: '$context.responseLatency',
  integrationLatencyMs: '$context.integrationLatency',
  responseBytes: '$context.responseLength',
  error: '$context.error.message',
  authorizerError: '$context.authorizer.error',
  integrationError: '$context.integrationErrorMessage',
};

export interface HttpGatewayProps {
  /** Authenticates every request that is not open; answers with simple responses. */
  readonly authorizer: IFunction;
}

/** The HTTP API, its authorizer and its one stage; routes are added by CapabilityRoutes, in any stack. */
export class HttpGateway extends Construct implements GatewayReference {
  readonly httpApiId: string;
  readonly authorizerId: string;
  readonly url: string;

  constructor(scope: Construct, id: string, props: HttpGatewayProps) {
    super(scope, id);
    const api = new CfnApi(this, 'Api', {
      name: Stack.of(this).stackName,
      protocolType: 'HTTP',
      description: `HTTP API of the Perennial installation ${installationOf(this).installation}`,
    });
    this.httpApiId = api.ref;
    this.url = api.attrApiEndpoint;
    this.authorizerId = this.#addAuthorizer(props.authorizer);
    this.#addStage();
  }

  #addAuthorizer(authorizer: IFunction): string {
    const stack = Stack.of(this);
    new CfnPermission(this, 'AuthorizerPermission', {
      action: 'lambda:InvokeFunction',
      functionName: authorizer.functionArn,
      principal: 'apigateway.amazonaws.com',
      sourceArn: stack.formatArn({
        service: 'execute-api',
        resource: this.httpApiId,
        resourceName: 'authorizers/*',
      }),
    });
    return new CfnAuthorizer(this, 'Authorizer', {
      apiId: this.httpApiId,
      name: 'bearer-token',
      authorizerType: 'REQUEST',
      authorizerPayloadFormatVersion: '2.0',
      enableSimpleResponses: true,
      identitySource: ['$request.header.Authorization'],
      authorizerResultTtlInSeconds: AUTHORIZER_CACHE_SECONDS,
      authorizerUri: `arn:${stack.partition}:apigateway:${stack.region}:lambda:path/2015-03-31/functions/${authorizer.functionArn}/invocations`,
    }).ref;
  }

  #addStage(): void {
    const { logRetentionDays, throttling } = installationOf(this);
    const accessLog = new LogGroup(this, 'AccessLog', {
      retention: logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new CfnStage(this, 'Stage', {
      apiId: this.httpApiId,
      stageName: '$default',
      autoDeploy: true,
      accessLogSettings: {
        // Without the `:*` that GetAtt would add: the stage names the group, not its streams.
        destinationArn: Stack.of(this).formatArn({
          service: 'logs',
          resource: 'log-group',
          resourceName: accessLog.logGroupName,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
        format: JSON.stringify(ACCESS_LOG),
      },
      defaultRouteSettings: {
        throttlingRateLimit: throttling.requestsPerSecond,
        throttlingBurstLimit: throttling.burst,
      },
    });
  }
}
