import { createRequire } from 'node:module';

// What Lambda's own runtime brings along is not bundled.
const require = createRequire(import.meta.url);

class PoisonedError extends Error {
  name = 'PoisonedError';
}

export async function answer(event) {
  process.stdout.write(`${JSON.stringify({ captured: event.rawPath ?? event.say })}\n`);
  if (event.say === 'throw') throw new PoisonedError('asked to');
  if (event.say === 'exit') process.exit(3);
  if (event.say === 'hang') await new Promise((resolve) => setTimeout(resolve, 60_000));
  if (event.say === 'list buckets') {
    const { ListBucketsCommand, S3Client } = require('@aws-sdk/client-s3');
    await new S3Client({}).send(new ListBucketsCommand({}));
  }
  if (event.entries) {
    const { EventBridgeClient, PutEventsCommand } = require('@aws-sdk/client-eventbridge');
    await new EventBridgeClient({}).send(new PutEventsCommand({ Entries: event.entries }));
  }
  return { version: process.env.AWS_LAMBDA_FUNCTION_VERSION, requestId: event.requestContext?.requestId };
}

export async function relay(event) {
  if (JSON.stringify(event).includes('poison')) throw new PoisonedError('cannot relay this');
}

export async function authorize(event) {
  return { isAuthorized: event.headers.authorization === 'Bearer good', context: { tenant: 'acme' } };
}
