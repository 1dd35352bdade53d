import {
  CreateAliasCommand,
  DeleteFunctionCommand,
  GetAliasCommand,
  InvokeCommand,
  LambdaClient,
  ResourceNotFoundException,
  UpdateAliasCommand,
} from '@aws-sdk/client-lambda';
import type {
  CandidateCheck,
  EndpointFunctions,
  PublishedVersion,
  Traffic,
} from '../../domain/deployment/ports.ts';
import type { CheckResult } from '../../domain/serving/contract.ts';
import { type EndpointFunctionSettings, publishFunction } from './publish-function.ts';

/** The alias that callers reach; its weights are the rollout's. */
export const LIVE_ALIAS = 'live';

const defaultClient = new LambdaClient({});

/** Endpoint functions that are there already: traffic, check and removal. */
export function makeEndpointTraffic(
  client: LambdaClient = defaultClient,
): Omit<EndpointFunctions, 'publish'> {
  return {
    check: (published) => checkVersion(client, published),
    setTraffic: (functionName, primary, candidate) => setTraffic(client, functionName, primary, candidate),
    getTraffic: (functionName) => getTraffic(client, functionName),
    remove: async (functionName) => {
      await client.send(new DeleteFunctionCommand({ FunctionName: functionName })).catch(ignoreAbsent);
    },
  };
}

/** All of it, publishing included, for the one function that makes them. */
export function makeEndpointFunctions(
  settings: EndpointFunctionSettings,
  client: LambdaClient = defaultClient,
): EndpointFunctions {
  return {
    ...makeEndpointTraffic(client),
    publish: (specification) => publishFunction(client, settings, specification),
  };
}

async function setTraffic(
  client: LambdaClient,
  functionName: string,
  primary: string,
  candidate?: { readonly functionVersion: string; readonly weight: number },
): Promise<void> {
  const weights = candidate === undefined ? {} : { [candidate.functionVersion]: candidate.weight };
  const input = {
    FunctionName: functionName,
    Name: LIVE_ALIAS,
    FunctionVersion: primary,
    // Given even when empty: absent, Lambda keeps the weights of before.
    RoutingConfig: { AdditionalVersionWeights: weights },
  };
  try {
    await client.send(new UpdateAliasCommand(input));
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
    await client.send(new CreateAliasCommand(input));
  }
}

async function getTraffic(client: LambdaClient, functionName: string): Promise<Traffic | undefined> {
  const input = { FunctionName: functionName, Name: LIVE_ALIAS };
  const alias = await client.send(new GetAliasCommand(input)).catch(ignoreAbsent);
  if (alias?.FunctionVersion === undefined) return undefined;
  const [other] = Object.entries(alias.RoutingConfig?.AdditionalVersionWeights ?? {});
  const candidate = other && { functionVersion: other[0], weight: other[1] };
  return { primary: alias.FunctionVersion, candidate };
}

async function checkVersion(
  client: LambdaClient,
  { functionName, functionVersion }: PublishedVersion,
): Promise<CandidateCheck> {
  const { FunctionError, Payload } = await client.send(
    new InvokeCommand({
      FunctionName: functionName,
      Qualifier: functionVersion,
      Payload: JSON.stringify({ perennialCheck: true }),
    }),
  );
  const answer = JSON.parse(Payload?.transformToString() ?? '{}') as Partial<CheckResult> & LambdaFailure;
  if (FunctionError !== undefined) return { ok: false, reason: describeFailure(answer) };
  if (answer.ok !== true) return { ok: false, reason: answer.error ?? 'It gave no answer.' };
  return { ok: true, maxDifference: answer.maxDifference ?? null, loadMs: answer.loadMs ?? 0 };
}

interface LambdaFailure {
  readonly errorType?: string;
  readonly errorMessage?: string;
}

/** The errors of our own runtime say why in words; Lambda's own say at least what happened. */
function describeFailure({ errorType, errorMessage }: LambdaFailure): string {
  return (
    [errorType, errorMessage].filter((part) => part !== undefined && part !== '').join(': ') || 'It failed.'
  );
}

function ignoreAbsent(error: unknown): undefined {
  if (!(error instanceof ResourceNotFoundException)) throw error;
}
