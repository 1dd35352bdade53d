import type { Mlmodel } from './mlmodel.ts';

const LOG_IT = 'log the result with mlflow.onnx.log_model, and register that as the next version.';
const ELSEWHERE =
  'Serve it where Python runs, and send what it predicts to an endpoint of target external to have it monitored.';

/** How each flavor of MLflow becomes ONNX; those without a way are told where to go instead. */
const CONVERSIONS: Readonly<Record<string, string>> = {
  sklearn: 'Convert the model with skl2onnx (skl2onnx.to_onnx(model, X[:1]))',
  xgboost: 'Convert the model with onnxmltools (onnxmltools.convert_xgboost)',
  lightgbm: 'Convert the model with onnxmltools (onnxmltools.convert_lightgbm)',
  catboost: "Save the model with model.save_model('model.onnx', format='onnx')",
  spark: 'Convert the pipeline with onnxmltools (onnxmltools.convert_sparkml)',
  pytorch: 'Export the model with torch.onnx.export(model, example, dynamo=True)',
  tensorflow: 'Convert the model with tf2onnx (tf2onnx.convert.from_keras)',
  keras: "Convert the model with tf2onnx (tf2onnx.convert.from_keras) or model.export(path, format='onnx')",
  paddle: 'Convert the model with paddle2onnx',
  transformers: 'Export the model with optimum (optimum-cli export onnx)',
  sentence_transformers: 'Export the model with optimum (optimum-cli export onnx)',
};

/** Flavors whose models are libraries' own statistics or code, for which no converter exists. */
const WITHOUT_CONVERTER: ReadonlySet<string> = new Set([
  'statsmodels',
  'prophet',
  'pmdarima',
  'spacy',
  'h2o',
  'johnsnowlabs',
  'langchain',
  'llama_index',
  'dspy',
  'openai',
  'promptflow',
  'crate',
]);

/** Why a version without an ONNX model cannot be served, and what to do about it. */
export function explainFlavor(model: Mlmodel | undefined): string {
  if (model === undefined) {
    return (
      'Endpoints serve ONNX, and these files hold neither an ONNX model nor an MLmodel file that names a flavor. ' +
      `Export the model to ONNX (skl2onnx, torch.onnx, onnxmltools …), ${LOG_IT}`
    );
  }
  const known = model.flavors.find((flavor) => Object.hasOwn(CONVERSIONS, flavor));
  if (known !== undefined) {
    return `Endpoints serve ONNX, and this version is of the flavor ${known}. ${CONVERSIONS[known]}, ${LOG_IT}`;
  }
  const named = model.flavors.find((flavor) => flavor !== 'python_function');
  if (named !== undefined && WITHOUT_CONVERTER.has(named)) {
    return `Endpoints serve ONNX, and for the flavor ${named} there is no converter. ${ELSEWHERE}`;
  }
  const what = named === undefined ? 'of the flavor python_function alone' : `of the flavor ${named}`;
  return (
    `Endpoints serve ONNX, and this version is ${what}: code in Python that no converter reads. Export the model ` +
    `inside it to ONNX, ${LOG_IT} ${ELSEWHERE}`
  );
}
