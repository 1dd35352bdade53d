import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetParameterCommand, ParameterNotFound, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { RESERVED_CONCURRENCY } from '../lib/config/quotas.ts';
import { type Arguments, readArguments } from './arguments.ts';
import { runCdk } from './cdk.ts';

/**
 * Below this, background functions and a few busy endpoints take each other's environments: a deployment
 * with 20 endpoints at one request a second keeps about 40 busy at its peaks. New accounts have 10 or 50.
 */
const COMFORTABLE_CONCURRENCY = 100;

/** AWS insists on leaving this much unreserved. */
const UNRESERVED_MINIMUM = 100;

const BOOTSTRAP_PARAMETER = '/cdk-bootstrap/hnb659fds/version';

async function deploy({ installation, context }: Arguments): Promise<void> {
  const { Account } = await new STSClient({}).send(new GetCallerIdentityCommand({}));
  const region = await new STSClient({}).config.region();
  console.log(`Installation ${installation.installation}, account ${Account}, region ${region}`);
  await checkConcurrency(installation.reservedConcurrency);
  await checkBootstrap(`aws://${Account}/${region}`);
  runCdk(['deploy', '--all', ...context]);
  console.log('\nNext: npx perennial installation bootstrap   (shows the platform token, once)');
}

/** @throws Error when the account cannot take what the settings ask for; a small account is only told. */
async function checkConcurrency(reserves: boolean): Promise<void> {
  const { AccountLimit } = await new LambdaClient({}).send(new GetAccountSettingsCommand({}));
  const limit = AccountLimit?.ConcurrentExecutions ?? 0;
  const needed = RESERVED_CONCURRENCY + UNRESERVED_MINIMUM;
  if (reserves && limit < needed) {
    throw new Error(
      `reservedConcurrency needs a limit of ${needed} concurrent executions; this account has ${limit}. ` +
        'Leave the setting off, or ask for more in Service Quotas (Lambda, "Concurrent executions").',
    );
  }
  const remark = limit < COMFORTABLE_CONCURRENCY ? ', which a few busy endpoints use up; ask for more' : '';
  console.log(`Lambda may run ${limit} executions at once${remark}.`);
}

async function checkBootstrap(environment: string): Promise<void> {
  try {
    await new SSMClient({}).send(new GetParameterCommand({ Name: BOOTSTRAP_PARAMETER }));
  } catch (error) {
    if (!(error instanceof ParameterNotFound)) throw error;
    throw new Error(`The CDK is not set up here yet. Run once: npx cdk bootstrap ${environment}`, {
      cause: error,
    });
  }
}

try {
  await deploy(readArguments(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
