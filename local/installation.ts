import { ApiGatewayV2Client, GetStageCommand } from '@aws-sdk/client-apigatewayv2';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { clientSettings } from './aws-clients.ts';
import { LocalCloudError } from './errors.ts';
import type { ThrottleSettings } from './gateway-limits.ts';

/** What a deployed installation says about itself, read as any client of AWS would. */
export interface Installation {
  readonly httpApiId: string;
  readonly throttle: ThrottleSettings | undefined;
  /** Invokes the IAM-guarded function that makes the platform token. @returns undefined when one exists */
  readonly makePlatformToken: (options: { replace: boolean }) => Promise<string | undefined>;
}

export async function readInstallation(endpointUrl: string, name: string): Promise<Installation> {
  const settings = clientSettings(endpointUrl);
  const httpApiId = await readParameter(settings, `/perennial/${name}/api/http-api-id`);
  const functionName = await readParameter(settings, `/perennial/${name}/access/bootstrap-function-name`);
  return {
    httpApiId,
    throttle: await readThrottle(settings, httpApiId),
    makePlatformToken: ({ replace }) => invokeBootstrap(settings, functionName, replace),
  };
}

type Settings = ReturnType<typeof clientSettings>;

async function readParameter(settings: Settings, name: string): Promise<string> {
  const { Parameter } = await new SSMClient(settings).send(new GetParameterCommand({ Name: name }));
  if (Parameter?.Value === undefined) throw new LocalCloudError(`The deployed stacks publish no '${name}'.`);
  return Parameter.Value;
}

async function readThrottle(settings: Settings, apiId: string): Promise<ThrottleSettings | undefined> {
  const client = new ApiGatewayV2Client(settings);
  const stage = await client.send(new GetStageCommand({ ApiId: apiId, StageName: '$default' }));
  const { ThrottlingRateLimit: rate, ThrottlingBurstLimit: burst } = stage.DefaultRouteSettings ?? {};
  return rate && burst ? { requestsPerSecond: rate, burst } : undefined;
}

async function invokeBootstrap(
  settings: Settings,
  functionName: string,
  replace: boolean,
): Promise<string | undefined> {
  const answer = await new LambdaClient(settings).send(
    new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(replace ? { replace } : {}) }),
  );
  const text = Buffer.from(answer.Payload ?? []).toString();
  if (answer.FunctionError !== undefined) {
    throw new LocalCloudError('The function that makes the platform token failed.', { evidence: text });
  }
  return (JSON.parse(text) as { platformToken: string | null }).platformToken ?? undefined;
}
