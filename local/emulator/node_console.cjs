// `console` as Lambda's Node runtime has it: JSON lines or tab-separated text, with the request's id.
// https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html
'use strict';

const { format } = require('node:util');

const levels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const methods = { trace: 'TRACE', debug: 'DEBUG', log: 'INFO', info: 'INFO', warn: 'WARN', error: 'ERROR' };
let requestId;

function setRequestId(value) {
  requestId = value;
}

function installConsole() {
  const isJson = process.env.AWS_LAMBDA_LOG_FORMAT === 'JSON';
  // Without JSON the level filter does not apply.
  const threshold = isJson ? levels.indexOf(process.env.AWS_LAMBDA_LOG_LEVEL ?? 'INFO') : 0;
  for (const [method, level] of Object.entries(methods)) {
    console[method] = (...values) => {
      if (levels.indexOf(level) < threshold) return;
      process.stdout.write(`${isJson ? toJsonLine(level, values) : toTextLine(level, values)}\n`);
    };
  }
}

function toTextLine(level, values) {
  // A line break would make two log events of one; Lambda writes a carriage return instead.
  const message = format(...values).replaceAll('\n', '\r');
  return [new Date().toISOString(), requestId ?? 'undefined', level, message].join('\t');
}

function toJsonLine(level, values) {
  const line = { timestamp: new Date().toISOString(), level, requestId };
  const [only] = values;
  if (values.length === 1 && typeof only === 'object' && only !== null && !(only instanceof Error)) {
    return stringify({ ...line, message: only }) ?? stringify({ ...line, message: format(only) });
  }
  const error = values.find((value) => value instanceof Error);
  const facts = error && {
    errorType: error.name,
    errorMessage: error.message,
    stackTrace: error.stack?.split('\n'),
  };
  return stringify({ ...line, ...facts, message: format(...values) });
}

function stringify(value) {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

module.exports = { installConsole, setRequestId };
