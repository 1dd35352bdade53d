import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { deriveExampleInputs } from '../../domain/registry/derive-signature.ts';
import type { ModelCheck, Offered } from '../../domain/registry/ports.ts';
import {
  comparePredictions,
  DEFAULT_TOLERANCE,
  parseExample,
  predictExample,
} from '../../domain/serving/check-example.ts';
import type { ModelGraph } from '../../domain/serving/ports.ts';
import type { ServedModel } from '../../domain/serving/served-model.ts';
import { DomainError, InvalidInputError } from '../../domain/shared/domain-error.ts';
import { type ModelSignature, toSignatureJson } from '../../domain/shared/signature.ts';
import { isSafePath } from '../../domain/shared/signing/manifest.ts';
import { createOrtSession } from '../serving/ort-session.ts';
import { chooseSignature, describe } from './choose-signature.ts';
import { findOversized } from './declared-sizes.ts';
import { type OnnxModelFacts, readModel } from './read-model.ts';

/** What protobuf can hold: https://protobuf.dev/programming-guides/encoding/#size-limits */
const MAX_GRAPH_BYTES = 2 ** 31;
/** Lambda's INIT has 10 s, of which the rest of the runtime needs about one. */
const MAX_LOAD_MS = 9000;
/** An endpoint of less memory than the check has a smaller share of a processor. */
const SLOW_LOAD_MS = 4000;

/** More classes than a warning names. */
const MAX_CLASSES_NAMED = 20;

export interface Inspection {
  /** Folder that holds the graph. */
  readonly directory: string;
  readonly modelFile: string;
  /** MLflow's JSON of a signature. */
  readonly signature?: unknown;
  /** The content of `example.json`; without `outputs`, the model's own answer becomes them. */
  readonly example?: unknown;
  /** Signature and example that were logged beside the model. */
  readonly offered?: Offered | undefined;
  /** Takes the place of the example's own. */
  readonly tolerance?: number | undefined;
  /** Brings the files that the graph keeps its weights in; answers those that are not there. */
  readonly fetchExternal: (paths: readonly string[]) => Promise<readonly string[]>;
}

type Verdict = Omit<ModelCheck, 'reasons' | 'warnings' | 'ok' | 'externalData' | 'loadMs'>;

/**
 * Loads a model, ties it to its signature and runs its example: what registering says about a file. The file
 * may be hostile: call this only where time and memory are limited from outside.
 */
export async function inspectModel(inspection: Inspection): Promise<ModelCheck> {
  const state = { externalData: [] as readonly string[], loadMs: 0, warnings: [] as string[] };
  try {
    const verdict = await run(inspection, state);
    return { ok: true, reasons: [], ...state, ...verdict };
  } catch (error) {
    // What is refused on purpose is the verdict; everything else is a failure of the platform.
    if (!(error instanceof DomainError)) throw error;
    return { ok: false, reasons: toReasons(error), ...state };
  }
}

async function run(
  inspection: Inspection,
  state: { externalData: readonly string[]; loadMs: number; warnings: string[] },
): Promise<Verdict> {
  const path = join(inspection.directory, inspection.modelFile);
  refuseLarge((await stat(path)).size);
  const facts = readModel(await readFile(path));
  state.externalData = facts.externalData;
  if (facts.customDomains.length > 0) {
    throw new InvalidInputError(
      `The model uses operators of ${facts.customDomains.join(', ')}, which a plain onnxruntime does not have: ` +
        'do that step before the request, or export it with operators of ONNX.',
    );
  }
  const oversized = findOversized(facts);
  if (oversized !== undefined) throw new InvalidInputError(oversized);
  await fetchExternalData(inspection, facts.externalData);
  const startedMs = performance.now();
  const session = await createOrtSession(path);
  state.loadMs = Math.round(performance.now() - startedMs);
  refuseSlow(state.loadMs);
  state.warnings.push(...findWarnings(facts, session.graph, state.loadMs));
  const { signature: given, offered } = inspection;
  const chosen = chooseSignature(session, { given, offered: offered?.signature }, state.warnings);
  const { model, signature, from } = chosen;
  const logged = await tryOffered(model, inspection, state.warnings);
  const tried = logged ?? (await tryExample(model, signature, inspection, state.warnings));
  return { signature: toSignatureJson(signature), signatureFrom: from, ...tried };
}

async function fetchExternalData(inspection: Inspection, paths: readonly string[]): Promise<void> {
  const unsafe = paths.find((path) => !isSafePath(path));
  if (unsafe !== undefined) {
    throw new InvalidInputError(
      `The model keeps weights in '${unsafe}', which is not beside it: save it with external data in its own folder.`,
    );
  }
  const missing = await inspection.fetchExternal(paths);
  if (missing.length === 0) return;
  throw new InvalidInputError(
    `The model keeps weights in files that were not sent: ${missing.join(', ')}. Send them with it.`,
  );
}

/** Runs the example that was logged with the model; undefined when there is none, or it does not run. */
async function tryOffered(
  model: ServedModel,
  { example, offered, tolerance = DEFAULT_TOLERANCE }: Inspection,
  warnings: string[],
): Promise<Verdict | undefined> {
  if (example !== undefined || offered?.example === undefined) return undefined;
  try {
    const { inputs } = parseExample({ ...(offered.example as object), outputs: [] });
    const outputs = await predictExample(model, { inputs });
    return { example: { inputs, outputs, tolerance } };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    warnings.push(`The logged input example does not run and was left out: ${describe(error)}`);
    return undefined;
  }
}

async function tryExample(
  model: ServedModel,
  signature: ModelSignature,
  { example, tolerance }: Inspection,
  warnings: string[],
): Promise<Verdict> {
  if (example === undefined) return tryZeros(model, signature, warnings);
  const { outputs: stated, ...rest } = example as Record<string, unknown>;
  const { inputs, tolerance: own } = parseExample({ ...rest, outputs: stated ?? [] });
  const allowed = tolerance ?? own;
  const outputs = await predictExample(model, { inputs });
  const answered = {
    example: { inputs, outputs: stated ?? outputs, tolerance: allowed },
    tolerance: allowed,
  };
  if (stated === undefined) {
    warnings.push(
      "The example states no outputs: what the model answered here was recorded as the example's.",
    );
    return answered;
  }
  const { maxDifference, mismatch } = comparePredictions(outputs, stated, allowed);
  if (mismatch === undefined) return { ...answered, maxDifference };
  throw new InvalidInputError(
    `The model does not answer its example within ${allowed} (largest difference ${maxDifference}): ${mismatch}.`,
  );
}

/** Without an example, one row of zeros is what the deployer tries a version with. */
async function tryZeros(model: ServedModel, signature: ModelSignature, warnings: string[]): Promise<Verdict> {
  const inputs = deriveExampleInputs(signature, model.binding.rows.fixed);
  try {
    const outputs = await predictExample(model, { inputs });
    warnings.push('No example was sent: the answer to one row of zeros was recorded instead.');
    return { example: { inputs, outputs, tolerance: DEFAULT_TOLERANCE } };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    warnings.push(
      'No example was sent, and the model does not take a row of zeros: it was loaded, but not run.',
    );
    return {};
  }
}

/** @throws InvalidInputError */
export function refuseLarge(bytes: number): void {
  if (bytes < MAX_GRAPH_BYTES) return;
  throw new InvalidInputError(
    `The file has ${(bytes / 1024 ** 3).toFixed(1)} GB, and a graph at most 2: keep the weights in files beside it.`,
  );
}

/** @throws InvalidInputError */
export function refuseSlow(loadMs: number): void {
  if (loadMs <= MAX_LOAD_MS) return;
  throw new InvalidInputError(
    `Loading took ${loadMs} ms, and a cold endpoint has 10,000 ms for all of its start: use fewer trees or nodes, or ` +
      'export with a newer opset of ai.onnx.ml.',
  );
}

function findWarnings({ zipMaps }: OnnxModelFacts, { outputs }: ModelGraph, loadMs: number): string[] {
  const warnings = outputs.flatMap(({ name, isTensor }) => {
    if (!isTensor) return [`Output '${name}' is no tensor and is left out: export it as one to have it.`];
    const zipMap = zipMaps.find(({ output }) => output === name);
    if (zipMap === undefined) return [];
    const classes = zipMap.classes.slice(0, MAX_CLASSES_NAMED).join(', ');
    const more = zipMap.classes.length > MAX_CLASSES_NAMED ? ', …' : '';
    return [`Output '${name}' is a ZipMap: it is answered as a list, in the order ${classes}${more}.`];
  });
  if (loadMs > SLOW_LOAD_MS) {
    warnings.push(
      `Loading took ${loadMs} ms, and a cold endpoint has 10,000 ms for it: give the endpoint more memory, which comes ` +
        'with more processor, or make the model smaller.',
    );
  }
  return warnings;
}

function toReasons(error: DomainError): string[] {
  if (!(error instanceof InvalidInputError) || error.errors.length === 0) return [error.message];
  return error.errors.map(({ path, message }) => `${path} ${message}`);
}
