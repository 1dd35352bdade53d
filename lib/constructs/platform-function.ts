import { Duration, RemovalPolicy, Size } from 'aws-cdk-lib';
import { type IRole, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  type IDestination,
  type ILayerVersion,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type * as z from 'zod';
import { architectureOf, type Installation, installationOf } from '../config/installation.ts';
import { bundleOf, type Entry } from './function-bundles.ts';

/** The variables a function's `environment.ts` asks for, all as text; INSTALLATION is always given. */
export type EnvironmentValues<E extends z.ZodType> = Omit<
  { readonly [K in keyof z.input<E>]: string },
  'INSTALLATION'
>;

export interface PlatformFunctionProps<E extends z.ZodType> {
  /** `<capability>/<verb-noun>` below `functions/`. */
  readonly entry: Entry;
  readonly environment: EnvironmentValues<E>;
  /** One sentence for the console: what the function does. */
  readonly description?: string;
  /** @default 512: a third of a vCPU, where SDK clients initialise in about 0.3 s */
  readonly memoryMb?: number;
  /** @default 29: below the HTTP API's 30 */
  readonly timeoutSeconds?: number;
  /** Only applied when the installation's `reservedConcurrency` is on. @default no limit of its own */
  readonly reservedConcurrency?: number;
  readonly layers?: readonly ILayerVersion[];
  /** Space of `/tmp`. @default 512 */
  readonly temporaryStorageMb?: number;
  /** Where failed asynchronous invocations go; needed by every function that a rule or schedule invokes. */
  readonly onFailure?: IDestination;
  /** A role made elsewhere, as a resource policy may have to name it. @default a role of its own */
  readonly role?: IRole;
}

/** A function of the platform: house defaults, own role, own log group, code by entry path. */
export class PlatformFunction<E extends z.ZodType = z.ZodType> extends LambdaFunction {
  readonly entry: Entry;

  constructor(scope: Construct, id: string, props: PlatformFunctionProps<E>) {
    const installation = installationOf(scope);
    const role =
      props.role ?? new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    const logGroup = new LogGroup(scope, `${id}Logs`, {
      retention: installation.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    super(scope, id, {
      ...houseDefaults(installation, props),
      role,
      logGroup,
      code: Code.fromAsset(bundleOf(scope, props.entry)),
      environment: {
        ...(props.environment as Record<string, string>),
        INSTALLATION: installation.installation,
      },
    });
    this.entry = props.entry;
    // Not CDK's grantWrite: it would also allow reading the group's streams.
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }),
    );
  }
}

function houseDefaults<E extends z.ZodType>(installation: Installation, props: PlatformFunctionProps<E>) {
  return {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    architecture:
      architectureOf(installation.platform) === 'arm64' ? Architecture.ARM_64 : Architecture.X86_64,
    memorySize: props.memoryMb ?? 512,
    timeout: Duration.seconds(props.timeoutSeconds ?? 29),
    tracing: Tracing.ACTIVE,
    loggingFormat: LoggingFormat.JSON,
    ...(props.temporaryStorageMb ? { ephemeralStorageSize: Size.mebibytes(props.temporaryStorageMb) } : {}),
    ...(props.description ? { description: props.description } : {}),
    ...(props.layers ? { layers: [...props.layers] } : {}),
    ...(props.onFailure ? { onFailure: props.onFailure, retryAttempts: 2 } : {}),
    ...(installation.reservedConcurrency && props.reservedConcurrency
      ? { reservedConcurrentExecutions: props.reservedConcurrency }
      : {}),
  };
}
