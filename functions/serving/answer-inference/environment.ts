import { type CaptureSettings, parseCaptureSettings } from '../../../domain/serving/capture-settings.ts';
import type { ServingVariables } from '../../../domain/serving/contract.ts';
import { type InputPolicy, parseInputPolicy } from '../../../domain/serving/input-policy.ts';

/** What the runtime reads from its environment, Lambda's own variables included. */
export interface ServingEnvironment {
  readonly tenant: string;
  readonly endpoint: string;
  readonly modelName: string;
  readonly modelVersion: number;
  readonly bucket: string;
  readonly prefix: string;
  readonly manifestDigest: string;
  readonly publicKeysPem: readonly string[];
  readonly capture: CaptureSettings;
  readonly inputPolicy: InputPolicy;
  readonly region: string;
  readonly s3EndpointUrl: string | undefined;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  /** Threads for one operator: a function has a whole vCPU for each 1,769 MB. */
  readonly threads: number;
  readonly isProvisioned: boolean;
}

/** A variable of the function is missing or malformed; the message names it, never its value. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
}

type Variables = Readonly<Record<string, string | undefined>>;

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const MB_PER_VCPU = 1769;

/** Reads the variables by hand, since a schema library would be the largest part of the bundle. */
export function parseServingEnvironment(variables: Variables): ServingEnvironment {
  const missing: string[] = [];
  const read = (name: keyof ServingVariables | `AWS_${string}`): string => {
    const value = variables[name];
    if (value === undefined || value === '') missing.push(name);
    return value ?? '';
  };
  const environment = {
    tenant: read('TENANT'),
    endpoint: read('ENDPOINT'),
    modelName: read('MODEL_NAME'),
    modelVersion: Number(read('MODEL_VERSION')),
    bucket: read('ARTIFACT_BUCKET'),
    prefix: read('ARTIFACT_PREFIX'),
    manifestDigest: read('MANIFEST_DIGEST'),
    region: read('AWS_REGION'),
    keys: read('SIGNING_PUBLIC_KEYS'),
    accessKeyId: read('AWS_ACCESS_KEY_ID'),
    secretAccessKey: read('AWS_SECRET_ACCESS_KEY'),
  };
  if (missing.length > 0)
    throw new EnvironmentError(`The function lacks the variables ${missing.join(', ')}.`);
  if (!Number.isSafeInteger(environment.modelVersion))
    throw new EnvironmentError('MODEL_VERSION must be an integer.');
  const { keys, accessKeyId, secretAccessKey, ...rest } = environment;
  const sessionToken = variables.AWS_SESSION_TOKEN;
  return {
    ...rest,
    publicKeysPem: parseKeys(keys),
    capture: parseCaptureSettings(variables.CAPTURE),
    inputPolicy: parseInputPolicy(variables.INPUT_POLICY),
    s3EndpointUrl: variables.AWS_ENDPOINT_URL_S3 || variables.AWS_ENDPOINT_URL || undefined,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) },
    threads: countThreads(Number(variables.AWS_LAMBDA_FUNCTION_MEMORY_SIZE)),
    isProvisioned: variables.AWS_LAMBDA_INITIALIZATION_TYPE === 'provisioned-concurrency',
  };
}

function parseKeys(text: string): readonly string[] {
  try {
    const keys: unknown = JSON.parse(text);
    if (Array.isArray(keys) && keys.length > 0 && keys.every((key) => typeof key === 'string')) return keys;
  } catch (error) {
    throw new EnvironmentError('SIGNING_PUBLIC_KEYS must be JSON.', { cause: error });
  }
  throw new EnvironmentError('SIGNING_PUBLIC_KEYS must be a JSON list of keys in PEM.');
}

function countThreads(memoryMb: number): number {
  return memoryMb >= MB_PER_VCPU ? Math.floor(memoryMb / MB_PER_VCPU) : 1;
}
