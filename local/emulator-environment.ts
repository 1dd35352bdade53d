import { delimiter, dirname, join } from 'node:path';
import type { Certificate } from './certificate.ts';
import type { Workspace } from './workspace.ts';

export const region = 'us-east-1';

export interface EmulatorSettings {
  readonly workspace: Workspace;
  readonly certificate: Certificate;
  readonly port: number;
  /** The Node that runs the functions: Lambda's nodejs24.x. */
  readonly nodeProgram: string;
  /** Scales Step Functions' Wait states; 1 is real time, tests take less. */
  readonly waitScale?: number;
}

/** The variables a program needs to call the local cloud as the account's root, TLS verified. */
export function clientEnvironment(port: number, caFile: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpointUrl(port),
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_CA_BUNDLE: caFile,
    NODE_EXTRA_CA_CERTS: caFile,
    SSL_CERT_FILE: caFile,
    // The instance metadata address does not answer on laptops and costs a second per client.
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

/**
 * The emulator's address. By number, not by name: SDKs then put S3 buckets in the path, while
 * `bucket.localhost` does not resolve everywhere.
 */
export function endpointUrl(port: number): string {
  return `https://127.0.0.1:${port}`;
}

/** The emulator's environment: loopback only, TLS, IAM enforced, state kept. */
export function emulatorEnvironment(
  settings: EmulatorSettings,
  inherited: NodeJS.ProcessEnv,
): Record<string, string> {
  const { workspace, certificate, port } = settings;
  return {
    ...inheritedVariables(inherited),
    PATH: [dirname(settings.nodeProgram), inherited.PATH ?? ''].join(delimiter),
    ...clientEnvironment(port, certificate.caFile),
    GATEWAY_PORT: String(port),
    BIND_HOST: '127.0.0.1',
    MINISTACK_HOST: 'localhost',
    MINISTACK_REGION: region,
    AUTH: 'true',
    USE_SSL: '1',
    MINISTACK_SSL_CERT: certificate.certificateFile,
    MINISTACK_SSL_KEY: certificate.keyFile,
    PERSIST_STATE: '1',
    S3_PERSIST: '1',
    STATE_DIR: workspace.stateDirectory,
    S3_DATA_DIR: workspace.objectsDirectory,
    TMPDIR: workspace.runtimeDirectory,
    PERENNIAL_RUNTIME_DIR: workspace.runtimeDirectory,
    PERENNIAL_NODE_PATH: join(workspace.runtimeDirectory, 'modules'),
    // MQTT on 8883 and SFTP on 22 would listen for everybody; nothing here uses them.
    IOT_MTLS_ENABLED: '0',
    SFTP_ENABLED: '0',
    // Docker is not needed, and a socket that hangs must not delay the start.
    DOCKER_HOST: 'unix:///nonexistent',
    // What small AWS accounts have; each concurrent call is a process of 80 MB here.
    LAMBDA_ACCOUNT_CONCURRENCY: '50',
    // Lambda keeps idle environments for minutes; each is a process of 80 MB here.
    LAMBDA_WARM_TTL_SECONDS: '180',
    SFN_WAIT_SCALE: String(settings.waitScale ?? 1),
    LOG_LEVEL: inherited.PERENNIAL_EMULATOR_LOG_LEVEL ?? 'INFO',
    PYTHONUNBUFFERED: '1',
    // macOS ends forked children of programs with threads otherwise; a child writes the state down.
    OBJC_DISABLE_INITIALIZE_FORK_SAFETY: 'YES',
    PYTHONDONTWRITEBYTECODE: '1',
  };
}

/** What a program needs from its user's shell; AWS settings of the user's own accounts stay out. */
function inheritedVariables(environment: NodeJS.ProcessEnv): Record<string, string> {
  const names = ['HOME', 'LANG', 'LC_ALL', 'USER', 'SHELL', 'SYSTEMROOT'];
  return Object.fromEntries(
    names.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])),
  );
}
