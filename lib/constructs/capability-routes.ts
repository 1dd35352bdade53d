import { Stack, Validations } from 'aws-cdk-lib';
import { CfnIntegration, CfnRoute } from 'aws-cdk-lib/aws-apigatewayv2';
import { CfnPermission, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { RouteTable } from '../../domain/shared/route.ts';
import { type GatewayRoute, toGatewayRoutes } from './gateway-routes.ts';

/** The HTTP API as stacks see it, its own included. */
export interface GatewayReference {
  readonly httpApiId: string;
  readonly authorizerId: string;
}

export interface CapabilityRoutesProps {
  readonly gateway: GatewayReference;
  /** The capability's declarations: nothing else of its function can be reached. */
  readonly routes: RouteTable;
  /** The capability's API function. */
  readonly handler: IFunction;
  /**
   * The construct that the routes are made in. A route that moves to another function of its capability must
   * keep its id: CloudFormation makes new routes before it removes old ones, and a key is taken once.
   *
   * @default this construct
   */
  readonly among?: CapabilityRoutes;
}

/** The routes of one capability: one integration and one permission, a route for each declaration. */
export class CapabilityRoutes extends Construct {
  constructor(scope: Construct, id: string, props: CapabilityRoutesProps) {
    super(scope, id);
    const integration = makeIntegration(this, props.gateway, props.handler);
    for (const route of toGatewayRoutes(props.routes)) {
      makeRoute(props.among ?? this, props.gateway, route, integration);
    }
  }
}

/** Answers what no declared route matches, behind the authorizer like everything else. */
export class DefaultRoute extends Construct {
  constructor(scope: Construct, id: string, props: Omit<CapabilityRoutesProps, 'routes' | 'among'>) {
    super(scope, id);
    const integration = makeIntegration(this, props.gateway, props.handler);
    makeRoute(this, props.gateway, { id: 'Default', key: '$default', open: false }, integration);
  }
}

function makeIntegration(scope: Construct, gateway: GatewayReference, handler: IFunction): CfnIntegration {
  new CfnPermission(scope, 'Permission', {
    action: 'lambda:InvokeFunction',
    functionName: handler.functionArn,
    principal: 'apigateway.amazonaws.com',
    sourceArn: Stack.of(scope).formatArn({
      service: 'execute-api',
      resource: gateway.httpApiId,
      resourceName: '*',
    }),
  });
  return new CfnIntegration(scope, 'Integration', {
    apiId: gateway.httpApiId,
    integrationType: 'AWS_PROXY',
    integrationMethod: 'POST',
    integrationUri: handler.functionArn,
    payloadFormatVersion: '2.0',
    timeoutInMillis: 30_000,
  });
}

function makeRoute(
  scope: Construct,
  gateway: GatewayReference,
  route: GatewayRoute,
  integration: CfnIntegration,
): void {
  const gatewayRoute = new CfnRoute(scope, route.id, {
    apiId: gateway.httpApiId,
    routeKey: route.key,
    target: `integrations/${integration.ref}`,
    ...(route.open
      ? { authorizationType: 'NONE' }
      : { authorizationType: 'CUSTOM', authorizerId: gateway.authorizerId }),
  });
  if (route.open) {
    Validations.of(gatewayRoute).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason: 'Declared open: health, version and the API description are for everybody.',
    });
  }
}
