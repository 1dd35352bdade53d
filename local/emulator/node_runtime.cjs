// Lambda's Node runtime for the local cloud: loads a handler and answers invocations over a socket.
//
// Lambda's own runtime client is not public, and the emulator's stand-in loses error names and cannot tell a
// crash from a failure. Protocol: one JSON object a line, both ways. The function's stdout and stderr stay its own;
// before each answer a numbered marker line ends the output that belongs to it.
'use strict';

const fs = require('node:fs');
const net = require('node:net');
const https = require('node:https');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const { installConsole, setRequestId } = require('./node_console.cjs');

const channel = new net.Socket({
  fd: Number(process.env._PERENNIAL_CHANNEL),
  readable: true,
  writable: true,
});
delete process.env._PERENNIAL_CHANNEL;
// The emulator went away: an environment without it must not linger.
channel.on('end', () => process.exit(0));
channel.on('error', () => process.exit(0));

let handler;
let current;
let answers = 0;

function send(message) {
  answers += 1;
  writeMarker(answers);
  channel.write(`${JSON.stringify({ ...message, marker: answers })}\n`);
}

function writeMarker(number) {
  const marker = Buffer.from(`\u001e${number}\n`);
  for (;;) {
    try {
      fs.writeSync(1, marker);
      return;
    } catch (error) {
      if (error.code !== 'EAGAIN') return;
    }
  }
}

function describe(error) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  const trace = (error.stack ?? '').split('\n');
  return { errorType: error.name, errorMessage: error.message, trace };
}

async function loadHandler() {
  const [directory, base] = [path.dirname(process.env._HANDLER), path.basename(process.env._HANDLER)];
  const [, file, name] = /^([^.]*)\.(.+)$/.exec(base) ?? [];
  const stem = path.resolve(process.env.LAMBDA_TASK_ROOT, directory, file ?? '');
  const found = ['', '.js', '.mjs', '.cjs'].map((ending) => stem + ending).find((it) => isFile(it));
  if (found === undefined) {
    throw named('Runtime.ImportModuleError', `Error: Cannot find module '${file}'`);
  }
  const loaded = await loadModule(found);
  const value = (name ?? '').split('.').reduce((object, key) => object?.[key], loaded);
  if (typeof value === 'function') return value;
  throw named('Runtime.HandlerNotFound', `${process.env._HANDLER} is undefined or not exported`);
}

function isFile(candidate) {
  return fs.statSync(candidate, { throwIfNoEntry: false })?.isFile() === true;
}

async function loadModule(file) {
  try {
    return file.endsWith('.mjs') ? await import(pathToFileURL(file).href) : requireOrImport(file);
  } catch (error) {
    if (error instanceof SyntaxError)
      throw named('Runtime.UserCodeSyntaxError', `SyntaxError: ${error.message}`, error);
    if (error?.code === 'MODULE_NOT_FOUND' || error?.code === 'ERR_MODULE_NOT_FOUND') {
      throw named('Runtime.ImportModuleError', `Error: ${error.message}`, error);
    }
    throw error;
  }
}

function requireOrImport(file) {
  try {
    return require(file);
  } catch (error) {
    // A module with top-level await can only be imported.
    if (error?.code === 'ERR_REQUIRE_ASYNC_MODULE') return import(pathToFileURL(file).href);
    throw error;
  }
}

function named(name, message, cause) {
  const error = new Error(message, { cause });
  error.name = name;
  if (cause?.stack) error.stack = cause.stack;
  return error;
}

function makeContext(invocation) {
  const deadline = Date.now() + invocation.timeoutMs;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    invokedFunctionArn: invocation.functionArn,
    awsRequestId: invocation.requestId,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

/** Calls a handler in either of its forms; callbacks ended with nodejs22.x, but CDK's own handlers have them. */
function callHandler(event, context) {
  return new Promise((resolve, reject) => {
    const settle = (error, value) => (error ? reject(error) : resolve(value));
    Object.assign(context, { done: settle, succeed: resolve, fail: reject });
    const returned = handler(event, context, settle);
    if (typeof returned?.then === 'function') returned.then(resolve, reject);
    else if (handler.length < 3) resolve(returned);
  });
}

async function invoke(invocation) {
  current = invocation;
  setRequestId(invocation.requestId);
  if (invocation.traceId) process.env._X_AMZN_TRACE_ID = invocation.traceId;
  else delete process.env._X_AMZN_TRACE_ID;
  try {
    const value = await callHandler(invocation.event, makeContext(invocation));
    answer(invocation, { status: 'ok', payload: JSON.stringify(value) ?? 'null' });
  } catch (error) {
    const failure = describe(error);
    console.error('Invoke Error', failure);
    answer(invocation, { status: 'error', ...failure });
  }
}

function answer(invocation, message) {
  if (current !== invocation) return;
  current = undefined;
  send({ requestId: invocation.requestId, maxMemoryMb: process.resourceUsage().maxRSS / 1024, ...message });
}

/** An error that nobody caught ends the environment, as it does on Lambda. */
function crash(errorType, error, exitCode) {
  const failure = { ...describe(error), ...(errorType === undefined ? {} : { errorType }) };
  console.error('Uncaught Exception', failure);
  if (current !== undefined) answer(current, { status: 'error', ends: true, ...failure });
  else send({ status: 'initError', ...failure });
  channel.end(() => process.exit(exitCode));
}

process.on('uncaughtException', (error) => crash(undefined, error, 129));
process.on('unhandledRejection', (error) => crash('Runtime.UnhandledPromiseRejection', error, 128));

/** CDK's custom resource handlers drop the port of the ResponseURL, which on AWS is always 443. */
function keepGatewayPort() {
  const gateway = new URL(process.env.AWS_ENDPOINT_URL);
  const request = https.request;
  https.request = (first, ...rest) => {
    const isBareLocal =
      typeof first === 'object' &&
      !(first instanceof URL) &&
      !first.port &&
      ['localhost', '127.0.0.1'].includes(first.hostname ?? first.host);
    return request.call(https, isBareLocal ? { ...first, port: gateway.port } : first, ...rest);
  };
}

function readLines(onLine) {
  let rest = '';
  channel.setEncoding('utf8');
  channel.on('data', (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    for (const line of lines) onLine(JSON.parse(line));
  });
}

async function main() {
  installConsole();
  keepGatewayPort();
  readLines((invocation) => void invoke(invocation));
  try {
    handler = await loadHandler();
    send({ status: 'ready', maxMemoryMb: process.resourceUsage().maxRSS / 1024 });
  } catch (error) {
    const failure = describe(error);
    console.error('Uncaught Exception', failure);
    send({ status: 'initError', ...failure });
    channel.end(() => process.exit(1));
  }
}

void main();
