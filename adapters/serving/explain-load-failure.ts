type Explain = (...found: string[]) => string;

/**
 * What onnxruntime says, and what to say instead. Its own messages hold paths and source lines of the machine: only
 * names of operators and numbers are taken over.
 */
const EXPLANATIONS: readonly (readonly [pattern: RegExp, explain: Explain])[] = [
  [
    /Could not find an implementation for (\w{1,64})\(\d+\)/,
    (operator) =>
      `onnxruntime has no '${operator}' for the element types that it is given: export with 32-bit floats ` +
      '(FloatTensorType, float32), or replace that step.',
  ],
  [
    /Type Error: Type '([\w()]{1,64})' of (?:in|out)put parameter .{0,200}? of operator \((\w{1,64})\)/,
    (type, operator) =>
      `The operator '${operator}' does not take ${type}: export with 32-bit floats, or put a Cast before it.`,
  ],
  [
    /([\w.]{0,64}):(\w{1,64})\(-?\d+\) is not a registered function\/op/,
    (domain, operator) =>
      `onnxruntime has no operator '${operator}' in ${domain}: export with operators of ONNX only.`,
  ],
  [
    /No Op registered for (\w{1,64})/,
    (operator) =>
      `onnxruntime has no operator '${operator}' in the opset of the file: export with another one.`,
  ],
  [
    /Unsupported model IR version: (\d+), max supported IR version: (\d+)/,
    (version, highest) =>
      `The file has ONNX's IR version ${version}, and at most ${highest} is served: set ir_version, or export with ` +
      'an older release of the onnx package.',
  ],
  [
    /[Oo]pset (\d+) is under development|opset versions.{0,200}?[Oo]pset (\d+)/s,
    (under, beyond) =>
      `The file uses opset ${under ?? beyond}, which is newer than onnxruntime here: export with a lower ` +
      'target_opset.',
  ],
  [
    /construct locale/,
    () => "A text step asks for a locale that servers do not have: export it with the locale 'C.UTF-8'.",
  ],
  [/[Pp]rotobuf parsing failed/, () => 'The file is cut short or damaged: send it again.'],
  [
    /[Ee]xternal|out of bounds|file size|No such file|mmap/,
    () => 'The weights beside the graph do not fit it: send the graph and its files of one export.',
  ],
  [
    /bad_alloc|[Ff]ailed to allocate|overflow/,
    () => 'The model declares tensors that need more memory than there is.',
  ],
];

/** Why a model does not load, and what to do, in words that tell nothing of this machine. */
export function explainLoadFailure(message: string): string {
  for (const [pattern, explain] of EXPLANATIONS) {
    const found = pattern.exec(message);
    if (found !== null) return explain(...found.slice(1));
  }
  return (
    'onnxruntime cannot load the model file: its graph is not valid. ' +
    'Try onnx.checker.check_model on it, and export it again.'
  );
}
