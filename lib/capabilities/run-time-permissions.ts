import { Stack } from 'aws-cdk-lib';
import { type IGrantable, ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { installationOf } from '../config/installation.ts';
import type { GatewayReference } from '../constructs/capability-routes.ts';
import type { StateReference } from '../constructs/state-reference.ts';

export interface RunTimePermissionsProps {
  readonly state: StateReference;
  readonly gateway: GatewayReference;
}

/**
 * Who may make, use and remove what exists outside the stacks: endpoint functions, tenants' roles, routes. All
 * of it is told apart by the installation's name prefix (domain/deployment/run-time-resources.ts), and no role
 * made here can do more than the boundary.
 */
export class RunTimePermissions extends Construct {
  /** The most that an endpoint function can do: read models, write its log. */
  readonly boundary: ManagedPolicy;
  readonly endpointLogGroupArn: string;
  readonly functionArnPrefix: string;
  readonly httpApiArn: string;
  readonly #functionArns: string;
  readonly #roleArns: string;
  readonly #apiControlArn: string;

  constructor(scope: Construct, id: string, { state, gateway }: RunTimePermissionsProps) {
    super(scope, id);
    const { installation } = installationOf(this);
    const stack = Stack.of(this);
    this.functionArnPrefix = `${stack.formatArn({ service: 'lambda', resource: 'function' })}:`;
    this.#functionArns = `${this.functionArnPrefix}${installation}-ep-*`;
    this.#roleArns = stack.formatArn({
      service: 'iam',
      region: '',
      resource: 'role',
      resourceName: `${installation}-tenant-*`,
    });
    this.httpApiArn = stack.formatArn({ service: 'execute-api', resource: gateway.httpApiId });
    this.#apiControlArn = `arn:${stack.partition}:apigateway:${stack.region}::/apis/${gateway.httpApiId}`;
    this.endpointLogGroupArn = `${stack.formatArn({ service: 'logs', resource: 'log-group' })}:${state.endpointLogGroup.logGroupName}`;
    this.boundary = this.#addBoundary(state);
  }

  /** Making and updating endpoint functions, with roles that the boundary holds. */
  grantPublish(grantee: IGrantable, layerArn: string): void {
    this.#grant(
      grantee,
      [
        'lambda:CreateFunction',
        'lambda:GetFunction',
        'lambda:GetFunctionConfiguration',
        'lambda:UpdateFunctionConfiguration',
        'lambda:UpdateFunctionCode',
        'lambda:PublishVersion',
        'lambda:PutFunctionConcurrency',
        'lambda:DeleteFunctionConcurrency',
        'lambda:TagResource',
        'lambda:DeleteFunction',
      ],
      this.#functionArns,
    );
    this.#grant(grantee, ['lambda:GetLayerVersion'], layerArn);
    this.#grant(grantee, ['iam:GetRole', 'iam:TagRole'], this.#roleArns);
    this.#grant(grantee, ['iam:CreateRole', 'iam:PutRolePolicy'], this.#roleArns, {
      StringEquals: { 'iam:PermissionsBoundary': this.boundary.managedPolicyArn },
    });
    this.#grant(grantee, ['iam:PassRole'], this.#roleArns, {
      StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' },
    });
  }

  grantInvoke(grantee: IGrantable): void {
    this.#grant(grantee, ['lambda:InvokeFunction'], this.#functionArns);
  }

  /** Moving the weights of the alias. */
  grantTraffic(grantee: IGrantable): void {
    this.#grant(grantee, ['lambda:UpdateAlias', 'lambda:CreateAlias'], this.#functionArns);
  }

  /** Seeing what the alias does, whoever set it. */
  grantWatchTraffic(grantee: IGrantable): void {
    this.#grant(grantee, ['lambda:GetAlias'], this.#functionArns);
  }

  /** Placing an endpoint's route on the serving API. */
  grantPlaceRoutes(grantee: IGrantable): void {
    this.#grant(grantee, ['lambda:AddPermission'], this.#functionArns);
    this.#grantApi(grantee, ['apigateway:GET', 'apigateway:POST'], '');
  }

  grantRemove(grantee: IGrantable): void {
    this.#grant(grantee, ['lambda:DeleteFunction'], this.#functionArns);
    this.#grant(grantee, ['iam:DeleteRole', 'iam:DeleteRolePolicy'], this.#roleArns);
    this.#grantApi(grantee, ['apigateway:GET'], '');
    this.#grantApi(grantee, ['apigateway:DELETE'], '/*');
  }

  #grantApi(grantee: IGrantable, actions: string[], suffix: string): void {
    for (const resource of ['integrations', 'routes']) {
      this.#grant(grantee, actions, `${this.#apiControlArn}/${resource}${suffix}`);
    }
  }

  #grant(
    grantee: IGrantable,
    actions: string[],
    resource: string,
    conditions?: Record<string, Record<string, string>>,
  ): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({ actions, resources: [resource], ...(conditions ? { conditions } : {}) }),
    );
  }

  #addBoundary({ artifactBucket }: StateReference): ManagedPolicy {
    return new ManagedPolicy(this, 'TenantBoundary', {
      description: 'The most that an endpoint of this installation can do',
      statements: [
        new PolicyStatement({
          actions: ['s3:GetObject'],
          resources: [`${artifactBucket.bucketArn}/tenants/*`],
        }),
        new PolicyStatement({
          actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
          resources: [this.endpointLogGroupArn, `${this.endpointLogGroupArn}:log-stream:*`],
        }),
      ],
    });
  }
}
