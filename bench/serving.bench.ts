import { closeSync, openSync, writeSync } from 'node:fs';
import { atMost, type Bench, type Figure } from './bench.ts';
import {
  columnNames,
  makeBenchEndpoint,
  makeEvent,
  makeRawSession,
  makeRows,
} from './serving/bench-endpoint.ts';
import { medianMicroseconds } from './serving/measure.ts';
import { measureBundle } from './serving/measure-bundle.ts';

const FEATURES = 30;
/** Different rows in turn, so that the branches of the trees are not learnt by heart. */
const SETS = { 1: 200, 1000: 5 } as const;
/** A hundred trees of depth six are walked in JavaScript. */
const MOST_MICROSECONDS = 20;
const ROUNDS = { 1: 10_000, 1000: 120 } as const;

/** Bodies of the same rows in both protocols, and the matrix that onnxruntime takes. */
function makeRequests(rows: 1 | 1000, decimals?: 'all') {
  const names = columnNames(FEATURES);
  const tables = Array.from({ length: SETS[rows] }, (_, seed) =>
    makeRows(rows, FEATURES, seed + 1, decimals),
  );
  return tables.map((table) => ({
    matrix: Float32Array.from(table.flat()),
    named: makeEvent('/invocations', {
      dataframe_records: table.map((row) => Object.fromEntries(row.map((value, k) => [names[k], value]))),
    }),
    split: makeEvent('/invocations', { dataframe_split: { columns: names, data: table } }),
    flat: makeEvent('/v2/models/flights/infer', {
      inputs: [{ name: 'features', shape: [rows, FEATURES], datatype: 'FP32', data: table.flat() }],
    }),
  }));
}

/** Handler ÷ raw `session.run`, same process, same model, same rows, in turn. */
async function measureRatios(rows: 1 | 1000): Promise<Figure[]> {
  const requests = makeRequests(rows);
  const decimals = makeRequests(rows, 'all');
  const at = (round: number) => requests[round % requests.length]!;
  const sink = openSync('/dev/null', 'w');
  const raw = await makeRawSession(FEATURES);
  const plain = await makeBenchEndpoint(FEATURES, undefined);
  const captured = await makeBenchEndpoint(FEATURES, (line) => writeSync(sink, line));
  for (const body of [at(0).named, at(0).split, at(0).flat]) {
    const answer = await captured(body);
    if (answer.statusCode !== 200)
      throw new Error(`The endpoint answered ${answer.statusCode}: ${answer.body}`);
  }
  const times = await medianMicroseconds(
    {
      raw: (round) => raw(at(round).matrix, rows),
      named: (round) => plain(at(round).named),
      split: (round) => plain(at(round).split),
      flat: (round) => plain(at(round).flat),
      decimals: (round) => plain(decimals[round % decimals.length]!.flat),
      namedCaptured: (round) => captured(at(round).named),
      flatCaptured: (round) => captured(at(round).flat),
    },
    ROUNDS[rows],
  );
  closeSync(sink);
  const label = `handler/raw ${rows} row${rows === 1 ? '' : 's'}`;
  const ratio = (time: number) => Math.round((time / times.raw) * 100) / 100;
  const info = (name: string, value: number, unit: string): Figure => ({ name, value, unit });
  const tenths = (time: number) => Math.round(time * 10) / 10;
  const whole = (kind: string) => `whole handler ${rows} row${rows === 1 ? '' : 's'} ${kind}`;
  const bar = rows === 1 ? { named: 2, flat: 2 } : { named: 1.8, flat: 1.25 };
  return [
    info(`raw session.run ${rows} row${rows === 1 ? '' : 's'}`, Math.round(times.raw * 10) / 10, 'µs'),
    rows === 1
      ? atMost(whole('named'), tenths(times.named), 'µs', MOST_MICROSECONDS)
      : info(whole('named'), tenths(times.named), 'µs'),
    info(whole('v2 flat'), tenths(times.flat), 'µs'),
    info(whole('named, with capture'), tenths(times.namedCaptured), 'µs'),
    atMost(`${label} named`, ratio(times.named), 'x', bar.named),
    atMost(`${label} v2 flat`, ratio(times.flat), 'x', bar.flat),
    info(`${label} dataframe_split`, ratio(times.split), 'x'),
    info(`${label} v2 flat, decimals only`, ratio(times.decimals), 'x'),
    info(`${label} named, with capture`, ratio(times.namedCaptured), 'x'),
    info(`${label} v2 flat, with capture`, ratio(times.flatCaptured), 'x'),
  ];
}

/** What capture adds to a request of ten features, the write to stdout's kind of file included. */
async function measureCapture(): Promise<Figure[]> {
  const features = 10;
  const names = columnNames(features);
  const events = Array.from({ length: 200 }, (_, seed) =>
    makeEvent('/invocations', { dataframe_split: { columns: names, data: makeRows(1, features, seed + 1) } }),
  );
  const sink = openSync('/dev/null', 'w');
  let longest = 0;
  const plain = await makeBenchEndpoint(features, undefined);
  const captured = await makeBenchEndpoint(features, (line) => {
    longest = Math.max(longest, line.length);
    writeSync(sink, line);
  });
  const times = await medianMicroseconds(
    {
      plain: (round) => plain(events[round % events.length]!),
      captured: (round) => captured(events[round % events.length]!),
    },
    10_000,
  );
  closeSync(sink);
  const added = Math.round((times.captured - times.plain) * 10) / 10;
  return [
    atMost('capture line, 10 features', longest, 'bytes', 300),
    atMost('capture added to a request, 10 features', added, 'µs', 20),
  ];
}

async function measureStart(): Promise<Figure[]> {
  const { kilobytes, modulesAndSessionMs, initMs } = await measureBundle();
  return [
    atMost('serving bundle without onnxruntime', Math.round(kilobytes * 10) / 10, 'KB', 400),
    atMost('modules and session 100x6 beyond bare Node', Math.round(modulesAndSessionMs), 'ms', 60),
    { name: 'whole INIT from a store on loopback beyond bare Node', value: Math.round(initMs), unit: 'ms' },
  ];
}

/** The bars of serving: 100 trees × depth 6 × 30 features. */
export const bars: Bench[] = [
  { name: 'serving-latency', run: async () => [...(await measureRatios(1)), ...(await measureRatios(1000))] },
  { name: 'serving-capture', run: measureCapture },
  { name: 'serving-start', run: measureStart },
];
