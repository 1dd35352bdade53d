import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import * as z from 'zod';
import { ROUTES, type Route } from '../sdk/index.ts';
import { makeCommandContext } from './context.ts';
import { UsageError } from './errors.ts';

/** Verbs of operation ids that read better in another word, or do not start with a verb of one word. */
const NAMES: Readonly<Record<string, readonly [noun: string, verb: string]>> = {
  revokeToken: ['token', 'revoke'],
  getInstallation: ['installation', 'show'],
  listAudit: ['audit', 'list'],
  registerModelVersion: ['model-version', 'register'],
  setModelAlias: ['model', 'set-alias'],
  deleteModelAlias: ['model', 'delete-alias'],
  listModelAliases: ['model', 'aliases'],
  getModelPolicy: ['model', 'policy'],
  putModelPolicy: ['model', 'set-policy'],
  getModelHistory: ['model', 'history'],
  setModelVersionStage: ['model-version', 'set-stage'],
  promoteModelVersion: ['model', 'promote'],
  listApprovals: ['approval', 'list'],
  decideApproval: ['approval', 'decide'],
  verifyModelVersion: ['model-version', 'verify'],
  listModelVersionFiles: ['model-version', 'files'],
  getModelVersionLineage: ['model-version', 'lineage'],
  rollBackEndpoint: ['endpoint', 'rollback'],
  getEndpointHistory: ['endpoint', 'history'],
  startRollout: ['rollout', 'start'],
  putFreezeCalendar: ['freeze-calendar', 'set'],
  getEndpointMetrics: ['endpoint', 'metrics'],
  postGroundTruth: ['endpoint', 'ground-truth'],
  postPredictions: ['endpoint', 'predictions'],
  putMonitor: ['monitor', 'set'],
  listDriftWindows: ['drift', 'show'],
  listLatestDrift: ['drift', 'list'],
  configureModelDrift: ['drift', 'configure'],
  listQualityWindows: ['quality', 'show'],
  listPerformanceWindows: ['performance', 'show'],
  putRetrainingPolicy: ['retraining-policy', 'set'],
  listRetrainingEvaluations: ['retraining-policy', 'evaluations'],
  createTrainingPipeline: ['training-pipeline', 'create'],
  putTrainingPipeline: ['training-pipeline', 'set'],
  startTrainingExecution: ['training', 'start'],
  listTrainingExecutions: ['training', 'list'],
  getTrainingExecution: ['training', 'show'],
  stopTrainingExecution: ['training', 'stop'],
  getDatasetProfile: ['dataset', 'profile'],
  createDatasetVersion: ['dataset-version', 'create'],
  deployModel: ['model', 'deploy'],
};
/** Routes that another command covers, or that are no command of a person. */
const LEFT_OUT = new Set([
  'getHealth',
  'getVersion',
  'getOpenApi',
  'createUpload',
  'createDatasetUpload',
  'registerModel',
]);

interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

/** Adds `noun verb` for every declared platform route that has no command of its own yet. */
export function addDeclaredCommands(program: Command): void {
  for (const routes of Object.values(ROUTES)) {
    for (const route of Object.values(routes) as Route[]) {
      if (route.surface === 'platform' && !LEFT_OUT.has(route.operationId)) addCommand(program, route);
    }
  }
}

/** `listModelVersions` → model-version list. */
export function nameCommand(operationId: string): readonly [noun: string, verb: string] {
  const named = NAMES[operationId];
  if (named !== undefined) return named;
  const words = operationId
    .replace(/([A-Z])/g, '-$1')
    .toLowerCase()
    .split('-');
  const [verb = '', ...noun] = words;
  const singular = verb === 'list' ? noun.join('-').replace(/ies$/, 'y').replace(/s$/, '') : noun.join('-');
  return [singular, verb === 'get' ? 'show' : verb];
}

function addCommand(program: Command, route: Route): void {
  const [nounName, verb] = nameCommand(route.operationId);
  const noun = findNoun(program, nounName);
  if (noun.commands.some((command) => command.name() === verb)) return;
  const params = [...route.path.matchAll(/\{(\w+)\+?\}/g)].map(([, name]) => name as string);
  const query = readProperties(route.query);
  const body = readProperties(route.body);
  const command = noun.command(verb).description(route.summary);
  for (const param of params) command.argument(`<${param}>`);
  for (const [name, schema] of Object.entries({ ...query, ...body }))
    command.addOption(toOption(name, schema));
  if (Object.keys(body).length > 0)
    command.option('--body <file>', 'the whole body as JSON from a file, or - for stdin');
  command.action(async (...inputs: unknown[]) => {
    const flags = command.opts<Record<string, unknown>>();
    const { client, output } = makeCommandContext(command);
    const input = {
      params: Object.fromEntries(params.map((name, i) => [name, inputs[i]])),
      query: pick(query, flags),
      ...(Object.keys(body).length === 0
        ? {}
        : { body: { ...readBodyFile(flags.body), ...pick(body, flags) } }),
    };
    output.result(await findOperation(client(), route)(input));
  });
}

/** The noun's group of commands, made when it is the first of them. */
export function findNoun(program: Command, name: string): Command {
  return (
    program.commands.find((command) => command.name() === name) ??
    program.command(name).description(`${name.replaceAll('-', ' ')} commands`)
  );
}

function findOperation(client: object, { operationId }: Route): (input: object) => Promise<unknown> {
  const capability = Object.values(client).find((operations) => operationId in (operations as object));
  return (capability as Record<string, (input: object) => Promise<unknown>>)[operationId] as never;
}

function readProperties(schema: z.ZodType): Readonly<Record<string, JsonSchema>> {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  return json.properties ?? json.anyOf?.find((option) => option.properties !== undefined)?.properties ?? {};
}

function toOption(name: string, schema: JsonSchema): Option {
  const flag = `--${name.replace(/([A-Z])/g, '-$1').toLowerCase()} <value>`;
  const choices = schema.enum === undefined ? '' : ` (${schema.enum.join(', ')})`;
  return new Option(flag, `${schema.description ?? ''}${choices}`.trim()).argParser((text) =>
    parseValue(name, schema, text),
  );
}

/** Numbers, booleans and JSON where the declaration says so; a list of words may be written with commas. */
export function parseValue(name: string, schema: JsonSchema, text: string): unknown {
  const types = [schema.type, ...(schema.anyOf ?? []).map(({ type }) => type)]
    .flat()
    .filter((type) => type !== undefined);
  if (types.includes('array') && !text.trim().startsWith('['))
    return text.split(',').map((part) => part.trim());
  if (types.includes('array') || types.includes('object')) return parseJson(name, text);
  if ((types.includes('number') || types.includes('integer')) && /^-?\d+(\.\d+)?$/.test(text))
    return Number(text);
  if (types.includes('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

function parseJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`--${name} must be JSON; this is not: ${text.slice(0, 80)}`);
  }
}

function pick(
  properties: Readonly<Record<string, JsonSchema>>,
  flags: Record<string, unknown>,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(flags).filter(([name]) => name in properties));
}

function readBodyFile(file: unknown): Record<string, unknown> {
  if (typeof file !== 'string') return {};
  return parseJson('body', readFileSync(file === '-' ? 0 : file, 'utf8')) as Record<string, unknown>;
}
