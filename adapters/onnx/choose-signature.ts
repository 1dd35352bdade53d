import { deriveSignature } from '../../domain/registry/derive-signature.ts';
import type { ModelSession } from '../../domain/serving/ports.ts';
import { ServedModel } from '../../domain/serving/served-model.ts';
import { DomainError } from '../../domain/shared/domain-error.ts';
import { isTensorSpec, type ModelSignature, parseSignature } from '../../domain/shared/signature.ts';

/** More inputs or columns than a warning names. */
const MAX_NAMED = 20;

/** A model with the signature that requests to it will be held to. */
export interface SignedModel {
  readonly model: ServedModel;
  readonly signature: ModelSignature;
  readonly from: 'caller' | 'graph';
}

/**
 * Ties a loaded graph to the caller's signature, which must fit; else to the one that was logged with it, if that
 * fits; else to its own.
 *
 * @throws InvalidInputError, SignatureMismatchError
 */
export function chooseSignature(
  session: ModelSession,
  { given, offered }: { readonly given: unknown; readonly offered: unknown },
  warnings: string[],
): SignedModel {
  const derived = deriveSignature(session.graph);
  if (given !== undefined) {
    const parsed = parseSignature(given);
    const signature = parsed.outputs.length > 0 ? parsed : { ...parsed, outputs: derived.outputs };
    return tellOrder({ model: new ServedModel(signature, session), signature, from: 'caller' }, warnings);
  }
  const logged = offered === undefined ? undefined : readOffered(offered, session, derived, warnings);
  return logged ?? { model: new ServedModel(derived, session), signature: derived, from: 'graph' };
}

/**
 * Signatures are often logged from the model before its conversion: names and types of the columns stay, while
 * outputs are what the graph answers.
 */
function readOffered(
  offered: unknown,
  session: ModelSession,
  derived: ModelSignature,
  warnings: string[],
): SignedModel | undefined {
  try {
    const parsed = nameLoneTensor(parseSignature(offered), offered, session);
    const answered = new Set(session.graph.outputs.map(({ name }) => name));
    const isOfGraph = parsed.outputs.length > 0 && parsed.outputs.every(({ name }) => answered.has(name));
    const signature = isOfGraph ? parsed : { ...parsed, outputs: derived.outputs };
    return tellOrder({ model: new ServedModel(signature, session), signature, from: 'caller' }, warnings);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    warnings.push(`The logged signature does not fit the graph, whose own is used: ${describe(error)}`);
    return undefined;
  }
}

/** Columns that names do not lead to an input: only the user can tell whether the order is right. */
function tellOrder(signed: SignedModel, warnings: string[]): SignedModel {
  const { binding } = signed.model;
  if (binding.kind !== 'columns' || !binding.byOrder) return signed;
  const ways = binding.inputs.slice(0, MAX_NAMED).map(({ name }, index) => {
    const columns = binding.columns
      .filter(({ input }) => input === index)
      .map((column) => `'${column.name}'`);
    const more = columns.length > MAX_NAMED ? ', …' : '';
    return `'${name}' takes ${columns.slice(0, MAX_NAMED).join(', ')}${more}`;
  });
  warnings.push(
    `The model's inputs bear other names than the columns, which go to them in order: ${ways.join('; ')}.`,
  );
  return signed;
}

/** MLflow logs an array without a name; the graph has one, which Open Inference asks for. */
function nameLoneTensor(signature: ModelSignature, offered: unknown, session: ModelSession): ModelSignature {
  const [input, ...others] = signature.inputs;
  const raw = (offered as { readonly inputs?: readonly { readonly name?: unknown }[] }).inputs?.[0];
  const name = session.graph.inputs[0]?.name;
  if (input === undefined || others.length > 0 || !isTensorSpec(input)) return signature;
  return raw?.name === undefined && name !== undefined
    ? { ...signature, inputs: [{ ...input, name }] }
    : signature;
}

/** The first of the fields that are wrong, else the error's own words. */
export function describe(error: DomainError): string {
  const [field] = (error as { readonly errors?: readonly { path: string; message: string }[] }).errors ?? [];
  return field === undefined ? error.message : `${field.path}: ${field.message}.`;
}
