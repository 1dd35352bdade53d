import type { CreateFunctionCommandInput, LambdaClient } from '@aws-sdk/client-lambda';
import { publishFunction } from '../../adapters/lambda-control/publish-function.ts';
import { captureSettings, endpointInput, inputPolicy } from '../../domain/deployment/contract.ts';
import type { FunctionSpecification } from '../../domain/deployment/ports.ts';
import type { EndpointSettings } from './predictions.ts';

/** What an endpoint's function is made with when nobody chose anything: no template has it. */
export async function readEndpointSettings(): Promise<EndpointSettings> {
  const { memoryMb } = endpointInput.parse({ name: 'flights', model: 'flights', version: 1 });
  let asked: Partial<CreateFunctionCommandInput> = {};
  const client = {
    send: async ({ input }: { input: Partial<CreateFunctionCommandInput> }) => {
      if (input.Runtime !== undefined) asked = input;
      return {};
    },
  };
  const settings = {
    ...{
      installation: 'bench',
      bundle: { bucket: 'bench', key: 'bench' },
      layerArn: 'arn',
      logGroupName: 'bench',
    },
    ...{ architecture: 'arm64' as const, artifactBucket: 'bench', publicKeysPem: async () => [] },
  };
  await publishFunction(client as unknown as LambdaClient, settings, specificationOf(memoryMb));
  return {
    memoryMb: asked.MemorySize ?? memoryMb,
    platformLogs: asked.LoggingConfig?.SystemLogLevel !== 'WARN',
  };
}

function specificationOf(memoryMb: number): FunctionSpecification {
  return {
    ...{ tenant: 'bench', endpoint: 'flights', functionName: 'bench', roleArn: 'arn', memoryMb },
    reservedConcurrency: null,
    capture: captureSettings.parse({}),
    inputPolicy: inputPolicy.parse({}),
    version: {
      model: 'flights',
      version: 1,
      artifactPrefix: '',
      statementDigest: '',
    } as FunctionSpecification['version'],
  };
}
