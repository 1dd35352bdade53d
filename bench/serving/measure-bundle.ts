import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildTreeClassifier } from '../../test/support/onnx-model.ts';
import { signFiles, startObjectServer } from '../../test/support/signed-version.ts';
import { bundleEntry, loadIn } from '../measure-entry.ts';
import { columnNames, DEPTH, TREES } from './bench-endpoint.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const RUNS = 11;
const FEATURES = 30;

export interface BundleMeasures {
  readonly kilobytes: number;
  /** Process with the bundle's modules and a session, minus a process that does nothing. */
  readonly modulesAndSessionMs: number;
  /** The same with the whole of INIT: five signed reads from an object store on loopback, signature, digests. */
  readonly initMs: number;
}

/** Builds the endpoint's function as it is deployed, without onnxruntime, and starts it in fresh processes. */
export async function measureBundle(): Promise<BundleMeasures> {
  const folder = mkdtempSync(join(tmpdir(), 'perennial-bench-'));
  mkdirSync(join(folder, 'node_modules'));
  for (const name of ['onnxruntime-node', 'onnxruntime-common']) {
    symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  }
  const [handler, session] = await Promise.all([
    bundleEntry(join(ROOT, 'functions/serving/answer-inference/handler.ts'), join(folder, 'handler.mjs')),
    bundleEntry(join(import.meta.dirname, 'start-session.ts'), join(folder, 'session.mjs')),
  ]);
  const signature = { inputs: columnNames(FEATURES).map((name) => ({ name, type: 'double' })) };
  const model = buildTreeClassifier(TREES, DEPTH, FEATURES);
  const { files, publicKeyPem, manifestDigest } = signFiles({
    'model.onnx': model,
    'signature.json': JSON.stringify(signature),
  });
  writeFileSync(join(folder, 'model.onnx'), model);
  writeFileSync(join(folder, 'signature.json'), JSON.stringify(signature));
  writeFileSync(join(folder, 'bare.mjs'), '');
  const server = await startObjectServer('models', 'v/', files);
  const environment = {
    TENANT: 'default',
    ENDPOINT: 'flights',
    MODEL_NAME: 'late',
    MODEL_VERSION: '1',
    ARTIFACT_BUCKET: 'models',
    ARTIFACT_PREFIX: 'v/',
    MANIFEST_DIGEST: manifestDigest,
    SIGNING_PUBLIC_KEYS: JSON.stringify([publicKeyPem]),
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
    AWS_ENDPOINT_URL: server.url,
  };
  const times = { bare: [] as number[], session: [] as number[], handler: [] as number[] };
  for (let run = 0; run < RUNS; run++) {
    times.bare.push(await loadIn(folder, join(folder, 'bare.mjs'), {}));
    times.session.push(await loadIn(folder, session, {}));
    times.handler.push(await loadIn(folder, handler, environment));
  }
  await server.close();
  const kilobytes = statSync(handler).size / 1024;
  rmSync(folder, { recursive: true });
  // The fastest start of each: other work on the machine only adds.
  const bare = Math.min(...times.bare);
  return {
    kilobytes,
    modulesAndSessionMs: Math.min(...times.session) - bare,
    initMs: Math.min(...times.handler) - bare,
  };
}
