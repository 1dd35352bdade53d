import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import type { GraphValue, ModelSession } from '../../domain/serving/ports.ts';
import type { NamedTensors, Tensor, TensorType } from '../../domain/serving/tensor.ts';
import { DomainError } from '../../domain/shared/domain-error.ts';
import { rewireGraph } from '../onnx/rewire-graph.ts';
import { explainLoadFailure } from './explain-load-failure.ts';

/** onnxruntime refused the file; what it said stays in `cause`, since it prints paths and operators. */
export class ModelNotLoadableError extends DomainError {
  override readonly name = 'ModelNotLoadableError';
  readonly code = 'MODEL_NOT_LOADABLE';
  readonly status = 422;
}

type OrtModule = typeof import('onnxruntime-node');

/** ESM does not look into a layer's folder (NODE_PATH), `require` does. */
function requireOrt(): OrtModule {
  return createRequire(import.meta.url)('onnxruntime-node') as OrtModule;
}

/**
 * Loads a model from its bytes, or from a path when external data lies beside it, rewired for this runtime.
 *
 * @param threads for one operator; 1 below a whole vCPU (1,769 MB), where a second one only spins
 * @throws ModelNotLoadableError
 */
export async function createOrtSession(source: Uint8Array | string, threads = 1): Promise<ModelSession> {
  const ort = requireOrt();
  const bytes = typeof source === 'string' ? await readFile(source) : source;
  const graph = rewireGraph(bytes);
  const options = makeOptions(threads, typeof source === 'string' ? dirname(source) : undefined);
  try {
    const session =
      typeof source === 'string' && graph === bytes
        ? await ort.InferenceSession.create(source, options)
        : await ort.InferenceSession.create(graph, options);
    return toModelSession(ort, session);
  } catch (error) {
    throw new ModelNotLoadableError(explainLoadFailure(`${(error as Error).message}`), { cause: error });
  }
}

/** @param folder where weights outside the graph lie, which a graph from bytes does not know */
function makeOptions(threads: number, folder: string | undefined): InferenceSession.SessionOptions {
  const weights = folder === undefined ? {} : { model_external_initializers_file_folder_path: folder };
  return {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    // The arena keeps what the largest request ever needed; without it nothing was slower.
    enableCpuMemArena: false,
    enableMemPattern: false,
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: '0' }, ...weights } },
  };
}

function toModelSession(ort: OrtModule, session: InferenceSession): ModelSession {
  const outputs = session.outputMetadata.map(toGraphValue);
  // Fetching what is no tensor makes the whole run throw.
  const fetched = outputs.filter((output) => output.isTensor).map((output) => output.name);
  return {
    graph: { inputs: session.inputMetadata.map(toGraphValue), outputs },
    run: async (feeds) => {
      const ortFeeds: Record<string, OrtTensor> = {};
      for (const name in feeds) {
        const { type, data, dims } = feeds[name] as Tensor;
        ortFeeds[name] = new ort.Tensor(type as 'float32', data as Float32Array, dims);
      }
      return (await session.run(ortFeeds, fetched)) as unknown as NamedTensors;
    },
  };
}

function toGraphValue(value: InferenceSession.ValueMetadata): GraphValue {
  if (!value.isTensor) return { name: value.name, isTensor: false, type: undefined, shape: [] };
  return { name: value.name, isTensor: true, type: value.type as TensorType, shape: value.shape };
}
