import { Construct } from 'constructs';
import { accessRoutes } from '../../domain/access/contract.ts';
import type { environment as apiEnvironment } from '../../functions/access/answer-api/environment.ts';
import type { environment as unknownRouteEnvironment } from '../../functions/access/answer-unknown-route/environment.ts';
import type { environment as authorizerEnvironment } from '../../functions/access/authorize-request/environment.ts';
import type { environment as bootstrapEnvironment } from '../../functions/access/bootstrap-installation/environment.ts';
import { installationOf } from '../config/installation.ts';
import { CapabilityRoutes, DefaultRoute } from '../constructs/capability-routes.ts';
import { HttpGateway } from '../constructs/http-gateway.ts';
import { PlatformFunction } from '../constructs/platform-function.ts';
import { publishValue } from '../constructs/shared-value.ts';
import type { StateReference } from '../constructs/state-reference.ts';

export interface AccessProps {
  readonly state: StateReference;
}

/** Tenants, tokens and roles: the gateway with its authorizer, and the one function that IAM guards. */
export class Access extends Construct {
  readonly gateway: HttpGateway;

  constructor(scope: Construct, id: string, props: AccessProps) {
    super(scope, id);
    const { platformTable } = props.state;
    this.gateway = new HttpGateway(this, 'Gateway', { authorizer: this.#addAuthorizer(props.state) });
    const answerApi = new PlatformFunction<typeof apiEnvironment>(this, 'AnswerApi', {
      entry: 'access/answer-api',
      environment: {
        PLATFORM: installationOf(this).platform,
        PLATFORM_TABLE_NAME: platformTable.tableName,
      },
    });
    platformTable.grantReadWrite(answerApi);
    new CapabilityRoutes(this, 'Routes', {
      gateway: this.gateway,
      routes: accessRoutes,
      handler: answerApi,
    });
    const answerUnknownRoute = new PlatformFunction<typeof unknownRouteEnvironment>(
      this,
      'AnswerUnknownRoute',
      { entry: 'access/answer-unknown-route', environment: {}, memoryMb: 128, timeoutSeconds: 5 },
    );
    new DefaultRoute(this, 'DefaultRoute', { gateway: this.gateway, handler: answerUnknownRoute });
    this.#addBootstrap(props.state);
  }

  #addAuthorizer({ platformTable }: StateReference): PlatformFunction {
    const { oidc } = installationOf(this);
    const authorizeRequest = new PlatformFunction<typeof authorizerEnvironment>(this, 'AuthorizeRequest', {
      entry: 'access/authorize-request',
      environment: {
        PLATFORM_TABLE_NAME: platformTable.tableName,
        OIDC: oidc === undefined ? '' : JSON.stringify(oidc),
      },
      // API Gateway gives an authorizer 10 s; past that callers see its 500 anyway.
      timeoutSeconds: 10,
    });
    platformTable.grantReadWrite(authorizeRequest);
    return authorizeRequest;
  }

  /** No route leads to it: who may invoke it is who IAM lets, and its name is all that is published. */
  #addBootstrap({ platformTable }: StateReference): void {
    const bootstrap = new PlatformFunction<typeof bootstrapEnvironment>(this, 'BootstrapInstallation', {
      entry: 'access/bootstrap-installation',
      environment: { PLATFORM_TABLE_NAME: platformTable.tableName },
    });
    platformTable.grantReadWrite(bootstrap);
    publishValue(this, 'access/bootstrap-function-name', bootstrap.functionName);
  }
}
