import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ROUTES } from '../../domain/routes.ts';
import { defineRoute } from '../../domain/shared/define-route.ts';
import type { Route } from '../../domain/shared/route.ts';
import { toGatewayRoutes } from '../../lib/constructs/gateway-routes.ts';
import { synthesizePlatform } from '../support/synthesized-platform.ts';

const { resources } = synthesizePlatform();
const routes = resources.filter(({ Type }) => Type === 'AWS::ApiGatewayV2::Route');
const keys = routes.map(({ Properties }) => String(Properties.RouteKey));
const declarations = Object.values(ROUTES).flatMap((table) => Object.values<Route>(table));

describe('the HTTP API', () => {
  it('has a route for each declaration, and none without', () => {
    const declared = Object.values(ROUTES).flatMap((table) => toGatewayRoutes(table).map(({ key }) => key));

    expect([...keys].sort()).toEqual([...declared, '$default'].sort());
  });

  it('opens exactly what is declared open', () => {
    const open = routes.filter(({ Properties }) => Properties.AuthorizationType === 'NONE');

    expect(open.map(({ Properties }) => Properties.RouteKey).sort()).toEqual([
      'GET /api/v1/openapi.json',
      'GET /health',
      'GET /version',
    ]);
  });

  it('asks the authorizer before everything else, its default route included', () => {
    const closed = routes.filter(({ Properties }) => Properties.AuthorizationType !== 'NONE');

    expect(closed.filter(({ Properties }) => Properties.AuthorizationType !== 'CUSTOM')).toEqual([]);
    expect(keys).toContain('$default');
  });

  it('forgets a token within a minute', () => {
    const authorizer = resources.find(({ Type }) => Type === 'AWS::ApiGatewayV2::Authorizer');

    expect(authorizer?.Properties).toMatchObject({
      AuthorizerType: 'REQUEST',
      EnableSimpleResponses: true,
      IdentitySource: ['$request.header.Authorization'],
      AuthorizerResultTtlInSeconds: 60,
    });
  });

  it('leaves more than half of its 300 routes and integrations to endpoints', () => {
    const integrations = resources.filter(({ Type }) => Type === 'AWS::ApiGatewayV2::Integration');

    expect(routes.length).toBeLessThan(150);
    expect(integrations.length).toBeLessThan(50);
  });

  it('logs tenant, actor, route and request id, and neither path nor address', () => {
    const stage = resources.find(({ Type }) => Type === 'AWS::ApiGatewayV2::Stage');
    const { Format } = stage!.Properties.AccessLogSettings as { Format: string };

    expect(JSON.parse(Format)).toMatchObject({
      requestId: '$context.requestId',
      tenant: '$context.authorizer.tenant',
      actor: '$context.authorizer.actor',
      route: '$context.routeKey',
    });
    expect(Format).not.toMatch(/sourceIp|context\.path/);
  });
});

describe('declared routes', () => {
  it('have operation ids that are unique and name their key', () => {
    const ids = declarations.map(({ operationId }) => operationId);
    const misnamed = Object.values(ROUTES).flatMap((table) =>
      Object.entries<Route>(table).filter(([key, route]) => key !== route.operationId),
    );

    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    expect(misnamed.map(([key]) => key)).toEqual([]);
  });

  it('have paths of their own', () => {
    const paths = declarations.flatMap(({ method, path, twins }) =>
      [path, ...twins].map((each) => `${method} ${each.replaceAll(/\{\w+\}/g, '{}')}`),
    );

    expect(paths.filter((path, index) => paths.indexOf(path) !== index)).toEqual([]);
  });
});

describe('toGatewayRoutes', () => {
  const route = (surface: 'platform' | 'mlflow', path: string, twins: string[] = []) =>
    defineRoute('x', {
      method: 'POST',
      path,
      role: 'viewer',
      summary: '',
      surface,
      twins,
      body: z.object({}),
    });

  it('makes one route a declaration and twin', () => {
    const table = { x: route('platform', '/api/v1/models/{name}/deploy', ['/api/v1/models/deploy']) };

    const made = toGatewayRoutes(table);

    expect(made.map(({ key }) => key)).toEqual([
      'POST /api/v1/models/{name}/deploy',
      'POST /api/v1/models/deploy',
    ]);
  });

  it("gathers MLflow's paths by group", () => {
    const table = {
      a: route('mlflow', '/api/2.0/mlflow/runs/create', ['/ajax-api/2.0/mlflow/runs/create']),
      b: route('mlflow', '/api/2.0/mlflow/runs/log-batch'),
      c: route('mlflow', '/api/2.0/mlflow-artifacts/artifacts/{path+}'),
      d: route('mlflow', '/get-artifact'),
    };

    const made = toGatewayRoutes(table);

    expect(made.map(({ key }) => key)).toEqual([
      'ANY /api/2.0/mlflow/runs/{proxy+}',
      'ANY /ajax-api/2.0/mlflow/runs/{proxy+}',
      'ANY /api/2.0/mlflow-artifacts/{proxy+}',
      'POST /get-artifact',
    ]);
  });

  it('keeps artifacts out of the groups of models, which other functions answer', () => {
    const table = {
      a: route('mlflow', '/api/2.0/mlflow/logged-models/{model_id}'),
      b: route('mlflow', '/api/2.0/mlflow/logged-models/{model_id}/artifacts/directories'),
      c: route('mlflow', '/ajax-api/2.0/mlflow/model-versions/get-artifact'),
    };

    const made = toGatewayRoutes(table);

    expect(made.map(({ key }) => key)).toEqual([
      'ANY /api/2.0/mlflow/logged-models/{proxy+}',
      'POST /api/2.0/mlflow/logged-models/{model_id}/artifacts/directories',
      'POST /ajax-api/2.0/mlflow/model-versions/get-artifact',
    ]);
  });
});
