import type { ModelSignature } from '../shared/signature.ts';
import { bindSignature } from './bind-signature.ts';
import type { Binding } from './binding.ts';
import { InferenceFailedError, SignatureMismatchError } from './errors.ts';
import { type InputPolicy, STRICT_INPUT } from './input-policy.ts';
import { parseJsonBody } from './json-body.ts';
import { JsonWriter, type NonFinite } from './json-writer.ts';
import { parseMatrixBody } from './matrix-body.ts';
import { type OutputPlan, planOutputs } from './outputs.ts';
import type { ModelSession } from './ports.ts';
import type { InferRequest } from './read-infer-request.ts';
import { runInBatches } from './run-in-batches.ts';
import type { NamedTensors } from './tensor.ts';
import { writePredictions } from './write-answer.ts';
import { type InferResponse, writeInferResponse } from './write-infer-response.ts';

/** A loaded model tied to its signature: what requests are read for and answered from. */
export class ServedModel {
  readonly binding: Binding;
  readonly plan: OutputPlan;
  /** Whether integers beyond 2^53 can matter, which only int64 inputs can store. */
  private readonly needsExactIntegers: boolean;
  private readonly takesFloat32Matrix: boolean;
  private readonly paramNames: ReadonlySet<string>;
  readonly session: ModelSession;
  private readonly writer = new JsonWriter();

  /** @throws SignatureMismatchError when signature and graph do not fit, or no output can be answered. */
  constructor(signature: ModelSignature, session: ModelSession, policy: InputPolicy = STRICT_INPUT) {
    this.session = session;
    this.binding = bindSignature(signature, session.graph, policy);
    this.plan = planOutputs(session.graph);
    this.needsExactIntegers = session.graph.inputs.some(({ type }) => type === 'int64' || type === 'uint64');
    this.takesFloat32Matrix =
      this.binding.kind === 'columns' &&
      this.binding.isFloatMatrix &&
      this.binding.inputs[0]?.type === 'float32';
    this.paramNames = new Set(signature.params.map(({ name }) => name));
    if (this.plan.names.length === 0) {
      throw new SignatureMismatchError([
        { path: 'outputs', message: 'the model has no tensor among its outputs' },
      ]);
    }
  }

  /** A request's body in JSON; throws InvalidInputError when it is not an object. */
  parseBody(text: string): Record<string, unknown> {
    const matrix = this.takesFloat32Matrix ? parseMatrixBody(text) : undefined;
    return matrix ?? parseJsonBody(text, this.needsExactIntegers);
  }

  /** Runs the model; throws InferenceFailedError in our own words, the engine's kept as its cause. */
  async run(feeds: NamedTensors): Promise<NamedTensors> {
    try {
      const { batch } = this.binding.rows;
      if (batch === undefined) return await this.session.run(feeds);
      return await runInBatches((part) => this.session.run(part), feeds, batch, this.paramNames);
    } catch (error) {
      if (error instanceof InferenceFailedError) throw error;
      throw new InferenceFailedError('The model failed on this input.', { cause: error });
    }
  }

  /** The body that `/invocations` answers with; NaN and infinities as MLflow's server writes them. */
  writePredictions(outputs: NamedTensors, rows: number, nonFinite: NonFinite = 'token'): string {
    this.writer.reset(nonFinite);
    writePredictions(this.writer, this.plan, outputs, rows);
    return this.writer.toString();
  }

  /** The body that Open Inference's `infer` answers with. */
  writeInferResponse(
    names: { readonly endpoint: string; readonly modelVersion: number },
    request: InferRequest,
    outputs: NamedTensors,
  ): InferResponse {
    const model = { name: names.endpoint, version: `${names.modelVersion}` };
    return writeInferResponse(this.writer, model, request, outputs);
  }
}
