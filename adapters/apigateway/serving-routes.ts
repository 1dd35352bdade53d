import {
  type ApiGatewayV2Client,
  ApiGatewayV2Client as Client,
  CreateIntegrationCommand,
  CreateRouteCommand,
  DeleteIntegrationCommand,
  DeleteRouteCommand,
  GetIntegrationsCommand,
  GetRoutesCommand,
  NotFoundException,
} from '@aws-sdk/client-apigatewayv2';
import { AddPermissionCommand, LambdaClient, ResourceConflictException } from '@aws-sdk/client-lambda';
import { servingPath } from '../../domain/deployment/endpoint.ts';
import type { ServingRoutes } from '../../domain/deployment/ports.ts';
import { LIVE_ALIAS } from '../lambda-control/endpoint-functions.ts';

export interface ServingRouteSettings {
  readonly apiId: string;
  readonly authorizerId: string;
  /** `arn:aws:lambda:<region>:<account>:function:` */
  readonly functionArnPrefix: string;
  /** `arn:aws:execute-api:<region>:<account>:<api id>` */
  readonly apiArn: string;
}

/** API Gateway gives up after 30 s at the latest. */
const TIMEOUT_MS = 30_000;

/**
 * One integration and one route for each endpoint (an HTTP API holds 300 integrations). Neither can be tagged:
 * both are found again by what they are, the alias's ARN and the path.
 */
export function makeServingRoutes(
  settings: ServingRouteSettings,
  clients: { readonly api: ApiGatewayV2Client; readonly lambda: LambdaClient } = {
    api: new Client({}),
    lambda: new LambdaClient({}),
  },
): ServingRoutes {
  const { api, lambda } = clients;
  return {
    place: async (tenant, endpoint, functionName) => {
      await allowInvoking(lambda, settings, tenant, endpoint, functionName);
      const uri = aliasArn(settings, functionName);
      const integrationId =
        (await findIntegration(api, settings.apiId, uri)) ??
        (await createIntegration(api, settings.apiId, uri));
      await placeRoute(api, settings, routeKey(tenant, endpoint), integrationId);
    },
    remove: async (tenant, endpoint, functionName) => {
      const { apiId: ApiId } = settings;
      const RouteId = await findRoute(api, ApiId, routeKey(tenant, endpoint));
      if (RouteId !== undefined)
        await api.send(new DeleteRouteCommand({ ApiId, RouteId })).catch(ignoreAbsent);
      const IntegrationId = await findIntegration(api, ApiId, aliasArn(settings, functionName));
      if (IntegrationId === undefined) return;
      await api.send(new DeleteIntegrationCommand({ ApiId, IntegrationId })).catch(ignoreAbsent);
    },
  };
}

function routeKey(tenant: string, endpoint: string): string {
  return `ANY ${servingPath(tenant, endpoint)}/{proxy+}`;
}

function aliasArn({ functionArnPrefix }: ServingRouteSettings, functionName: string): string {
  return `${functionArnPrefix}${functionName}:${LIVE_ALIAS}`;
}

async function allowInvoking(
  lambda: LambdaClient,
  { apiArn }: ServingRouteSettings,
  tenant: string,
  endpoint: string,
  functionName: string,
): Promise<void> {
  const command = new AddPermissionCommand({
    FunctionName: functionName,
    Qualifier: LIVE_ALIAS,
    StatementId: 'serving-api',
    Action: 'lambda:InvokeFunction',
    Principal: 'apigateway.amazonaws.com',
    SourceArn: `${apiArn}/*/*${servingPath(tenant, endpoint)}/*`,
  });
  await lambda.send(command).catch((error: unknown) => {
    // The statement is there already.
    if (!(error instanceof ResourceConflictException)) throw error;
  });
}

async function findIntegration(
  api: ApiGatewayV2Client,
  ApiId: string,
  uri: string,
): Promise<string | undefined> {
  let NextToken: string | undefined;
  do {
    const page = await api.send(new GetIntegrationsCommand({ ApiId, MaxResults: '500', NextToken }));
    const found = page.Items?.find((item) => item.IntegrationUri === uri);
    if (found !== undefined) return found.IntegrationId;
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return undefined;
}

async function createIntegration(api: ApiGatewayV2Client, ApiId: string, uri: string): Promise<string> {
  const { IntegrationId = '' } = await api.send(
    new CreateIntegrationCommand({
      ApiId,
      IntegrationType: 'AWS_PROXY',
      IntegrationMethod: 'POST',
      IntegrationUri: uri,
      PayloadFormatVersion: '2.0',
      TimeoutInMillis: TIMEOUT_MS,
    }),
  );
  return IntegrationId;
}

async function findRoute(api: ApiGatewayV2Client, ApiId: string, key: string): Promise<string | undefined> {
  let NextToken: string | undefined;
  do {
    const page = await api.send(new GetRoutesCommand({ ApiId, MaxResults: '500', NextToken }));
    const found = page.Items?.find((item) => item.RouteKey === key);
    if (found !== undefined) return found.RouteId;
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return undefined;
}

async function placeRoute(
  api: ApiGatewayV2Client,
  { apiId, authorizerId }: ServingRouteSettings,
  key: string,
  integrationId: string,
): Promise<void> {
  if ((await findRoute(api, apiId, key)) !== undefined) return;
  await api.send(
    new CreateRouteCommand({
      ApiId: apiId,
      RouteKey: key,
      Target: `integrations/${integrationId}`,
      AuthorizationType: 'CUSTOM',
      AuthorizerId: authorizerId,
    }),
  );
}

function ignoreAbsent(error: unknown): void {
  if (!(error instanceof NotFoundException)) throw error;
}
