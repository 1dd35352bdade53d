import {
  CreateFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  type FunctionConfiguration,
  GetFunctionConfigurationCommand,
  InvalidParameterValueException,
  type LambdaClient,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  ResourceConflictException,
  ResourceNotFoundException,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { FunctionNotReadyError } from '../../domain/deployment/errors.ts';
import type { FunctionSpecification, PublishedVersion } from '../../domain/deployment/ports.ts';
import type { ServingVariables } from '../../domain/serving/contract.ts';

/** What all endpoint functions of an installation have in common. */
export interface EndpointFunctionSettings {
  readonly installation: string;
  readonly bundle: { readonly bucket: string; readonly key: string };
  readonly layerArn: string;
  readonly architecture: 'arm64' | 'x86_64';
  readonly logGroupName: string;
  readonly artifactBucket: string;
  readonly publicKeysPem: () => Promise<readonly string[]>;
}

/** Below the HTTP API's 30 s, so that callers get the runtime's own answer. */
const TIMEOUT_SECONDS = 29;
const POLL_MS = 500;
/** New functions become active within seconds; what takes longer is for the workflow to repeat. */
const WAIT_MS = 90_000;

/**
 * Makes the function, or brings its code and configuration up to date, and publishes a version. Lambda answers
 * the version of before when nothing changed since.
 *
 * @throws FunctionNotReadyError while Lambda works on it, or does not know the new role yet
 */
export async function publishFunction(
  client: LambdaClient,
  settings: EndpointFunctionSettings,
  specification: FunctionSpecification,
): Promise<PublishedVersion> {
  const { functionName, reservedConcurrency, version } = specification;
  const configuration = toConfiguration(settings, specification, await settings.publicKeysPem());
  const current = await findFunction(client, functionName);
  try {
    if (current === undefined) await create(client, settings, specification, configuration);
    else await update(client, settings, current, configuration);
    await waitUntilReady(client, functionName);
    const Description = `${version.model} version ${version.version}`.slice(0, 256);
    const { Version = '' } = await client.send(
      new PublishVersionCommand({ FunctionName: functionName, Description }),
    );
    await waitUntilReady(client, functionName, Version);
    await setConcurrency(client, functionName, reservedConcurrency);
    return { functionName, functionVersion: Version, servingBundle: settings.bundle.key };
  } catch (error) {
    throw isTransient(error)
      ? new FunctionNotReadyError(`Lambda works on ${functionName}.`, { cause: error })
      : error;
  }
}

function toConfiguration(
  settings: EndpointFunctionSettings,
  { tenant, endpoint, functionName, roleArn, memoryMb, capture, inputPolicy, version }: FunctionSpecification,
  publicKeysPem: readonly string[],
) {
  const variables: Required<ServingVariables> & { readonly SERVING_BUNDLE: string } = {
    TENANT: tenant,
    ENDPOINT: endpoint,
    MODEL_NAME: version.model,
    MODEL_VERSION: String(version.version),
    ARTIFACT_BUCKET: settings.artifactBucket,
    ARTIFACT_PREFIX: version.artifactPrefix,
    MANIFEST_DIGEST: version.statementDigest,
    SIGNING_PUBLIC_KEYS: JSON.stringify(publicKeysPem),
    CAPTURE: JSON.stringify(capture),
    INPUT_POLICY: JSON.stringify(inputPolicy),
    SERVING_BUNDLE: settings.bundle.key,
  };
  return {
    FunctionName: functionName,
    Role: roleArn,
    Runtime: 'nodejs24.x' as const,
    Handler: 'index.handler',
    MemorySize: memoryMb,
    Timeout: TIMEOUT_SECONDS,
    Layers: [settings.layerArn],
    Environment: { Variables: variables },
    // JSON gives the platform's own events, by which failures without a line are counted.
    LoggingConfig: {
      LogFormat: 'JSON' as const,
      SystemLogLevel: 'INFO' as const,
      LogGroup: settings.logGroupName,
    },
    Description: `Endpoint ${endpoint} of tenant ${tenant}`,
  };
}

type Configuration = ReturnType<typeof toConfiguration>;

async function findFunction(client: LambdaClient, name: string): Promise<FunctionConfiguration | undefined> {
  try {
    return await client.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

async function create(
  client: LambdaClient,
  settings: EndpointFunctionSettings,
  { tenant, endpoint }: FunctionSpecification,
  configuration: Configuration,
): Promise<void> {
  await client.send(
    new CreateFunctionCommand({
      ...configuration,
      Code: { S3Bucket: settings.bundle.bucket, S3Key: settings.bundle.key },
      Architectures: [settings.architecture],
      Tags: {
        'perennial:installation': settings.installation,
        'perennial:tenant': tenant,
        'perennial:endpoint': endpoint,
      },
    }),
  );
}

async function update(
  client: LambdaClient,
  settings: EndpointFunctionSettings,
  current: FunctionConfiguration,
  configuration: Configuration,
): Promise<void> {
  const { FunctionName } = configuration;
  await waitUntilReady(client, FunctionName);
  await client.send(new UpdateFunctionConfigurationCommand(configuration));
  if (current.Environment?.Variables?.SERVING_BUNDLE === settings.bundle.key) return;
  await waitUntilReady(client, FunctionName);
  await client.send(
    new UpdateFunctionCodeCommand({
      FunctionName,
      S3Bucket: settings.bundle.bucket,
      S3Key: settings.bundle.key,
      Architectures: [settings.architecture],
    }),
  );
}

/** @throws Error when Lambda gave up on the function, FunctionNotReadyError when it still works on it */
async function waitUntilReady(client: LambdaClient, functionName: string, version?: string): Promise<void> {
  const command = new GetFunctionConfigurationCommand({
    FunctionName: functionName,
    ...(version === undefined ? {} : { Qualifier: version }),
  });
  for (let waitedMs = 0; waitedMs < WAIT_MS; waitedMs += POLL_MS) {
    const { State, LastUpdateStatus, StateReason, LastUpdateStatusReason } = await client.send(command);
    if (State === 'Failed' || LastUpdateStatus === 'Failed') {
      throw new Error(`Lambda could not make ${functionName}: ${StateReason ?? LastUpdateStatusReason}`);
    }
    if (State !== 'Pending' && LastUpdateStatus !== 'InProgress') return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new FunctionNotReadyError(`${functionName} was not ready within ${WAIT_MS / 1000} seconds.`);
}

async function setConcurrency(
  client: LambdaClient,
  functionName: string,
  reserved: number | null,
): Promise<void> {
  const command =
    reserved === null
      ? new DeleteFunctionConcurrencyCommand({ FunctionName: functionName })
      : new PutFunctionConcurrencyCommand({
          FunctionName: functionName,
          ReservedConcurrentExecutions: reserved,
        });
  await client.send(command as DeleteFunctionConcurrencyCommand);
}

/** A role of a few seconds ago cannot be assumed yet: IAM is eventually consistent. */
function isTransient(error: unknown): boolean {
  if (error instanceof ResourceConflictException) return true;
  return error instanceof InvalidParameterValueException && /role|assume/i.test(error.message);
}
