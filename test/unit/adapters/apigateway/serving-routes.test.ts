import {
  ApiGatewayV2Client,
  CreateIntegrationCommand,
  CreateRouteCommand,
  DeleteIntegrationCommand,
  DeleteRouteCommand,
  GetIntegrationsCommand,
  GetRoutesCommand,
} from '@aws-sdk/client-apigatewayv2';
import { AddPermissionCommand, LambdaClient, ResourceConflictException } from '@aws-sdk/client-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { makeServingRoutes } from '../../../../adapters/apigateway/serving-routes.ts';

const api = mockClient(ApiGatewayV2Client);
const lambda = mockClient(LambdaClient);
const routes = makeServingRoutes({
  apiId: 'api1',
  authorizerId: 'auth1',
  functionArnPrefix: 'arn:aws:lambda:us-east-1:1:function:',
  apiArn: 'arn:aws:execute-api:us-east-1:1:api1',
});
const ALIAS = 'arn:aws:lambda:us-east-1:1:function:f:live';
const KEY = 'ANY /serving/acme/flights/{proxy+}';

beforeEach(() => {
  api.reset();
  lambda.reset();
  lambda.on(AddPermissionCommand).resolves({});
  api.onAnyCommand().resolves({});
  api.on(GetIntegrationsCommand).resolves({ Items: [] });
  api.on(GetRoutesCommand).resolves({ Items: [] });
});

describe('serving routes', () => {
  it('place an endpoint behind the authorizer, and let only its path invoke it', async () => {
    api.on(CreateIntegrationCommand).resolves({ IntegrationId: 'int1' });

    await routes.place('acme', 'flights', 'f');

    expect(lambda.commandCalls(AddPermissionCommand)[0]?.args[0].input).toMatchObject({
      Qualifier: 'live',
      SourceArn: 'arn:aws:execute-api:us-east-1:1:api1/*/*/serving/acme/flights/*',
    });
    expect(api.commandCalls(CreateIntegrationCommand)[0]?.args[0].input).toMatchObject({
      IntegrationUri: ALIAS,
    });
    expect(api.commandCalls(CreateRouteCommand)[0]?.args[0].input).toMatchObject({
      RouteKey: KEY,
      Target: 'integrations/int1',
      AuthorizationType: 'CUSTOM',
      AuthorizerId: 'auth1',
    });
  });

  it('find what a crash left behind instead of making it twice', async () => {
    lambda
      .on(AddPermissionCommand)
      .rejects(new ResourceConflictException({ $metadata: {}, message: 'there' }));
    api
      .on(GetIntegrationsCommand)
      .resolvesOnce({ Items: [], NextToken: 'more' })
      .resolves({ Items: [{ IntegrationId: 'int1', IntegrationUri: ALIAS, IntegrationType: 'AWS_PROXY' }] });
    api.on(GetRoutesCommand).resolves({ Items: [{ RouteId: 'r1', RouteKey: KEY }] });

    await routes.place('acme', 'flights', 'f');

    expect(api.commandCalls(CreateIntegrationCommand)).toHaveLength(0);
    expect(api.commandCalls(CreateRouteCommand)).toHaveLength(0);
  });

  it('go route first, so that nobody is sent to an integration that is gone', async () => {
    api
      .on(GetIntegrationsCommand)
      .resolves({ Items: [{ IntegrationId: 'int1', IntegrationUri: ALIAS, IntegrationType: 'AWS_PROXY' }] });
    api.on(GetRoutesCommand).resolves({ Items: [{ RouteId: 'r1', RouteKey: KEY }] });

    await routes.remove('acme', 'flights', 'f');

    const deletions = api.calls().map(({ args }) => args[0].constructor);
    expect(deletions.indexOf(DeleteRouteCommand)).toBeGreaterThan(-1);
    expect(deletions.indexOf(DeleteIntegrationCommand)).toBeGreaterThan(
      deletions.indexOf(DeleteRouteCommand),
    );
  });

  it('take what is gone already for removed', async () => {
    await expect(routes.remove('acme', 'flights', 'f')).resolves.toBeUndefined();
  });
});
