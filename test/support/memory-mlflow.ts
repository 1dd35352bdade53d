import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { findLoggedModel, makeLoggedModels } from './memory-mlflow-models.ts';
import { makeRegistry } from './memory-mlflow-registry.ts';

// biome-ignore lint/suspicious/noExplicitAny: MLflow's JSON as it comes
export type Json = any;

/** An answer other than 200; `code` absent is a 404 that is not JSON, as for unknown routes. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;
  readonly code: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code?: string, message = '', headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** What tests do to the server's answers, before and after it has done the work. */
export interface Faults {
  before?: ((route: string, body: Json) => void) | undefined;
  after?: ((route: string) => void) | undefined;
}

export type Routes = Readonly<Record<string, (input: Json) => Json>>;

export const absent = (what: string) => new Refused(404, 'RESOURCE_DOES_NOT_EXIST', `${what} not found`);
export const hexId = () => randomUUID().replaceAll('-', '');

/** Sets or replaces entries by their key. */
export function upsert(entries: Json[], changed: Json[] = []): void {
  for (const { key, value = '' } of changed) {
    const found = entries.find((entry) => entry.key === key);
    if (found === undefined) entries.push({ key, value });
    else found.value = value;
  }
}

/** An MLflow server of plain objects, for what a move calls; short pages, so that tokens are followed. */
export class MemoryMlflow {
  readonly experiments: Json[] = [];
  readonly runs: Json[] = [];
  readonly points: Json[] = [];
  readonly loggedModels: Json[] = [];
  readonly models: Json[] = [];
  readonly versions: Json[] = [];
  readonly files = new Map<string, Buffer>();
  readonly calls: string[] = [];
  readonly faults: Faults = {};
  hasLoggedModels = true;
  /** Servers before 3.6 leave them out. */
  searchShowsOutputs = true;
  uri = '';
  #close: () => Promise<void> = async () => {};

  static async start(): Promise<MemoryMlflow> {
    const memory = new MemoryMlflow();
    const server = createServer(async (request, response) => {
      const { status, headers, body } = await memory.#answer(request);
      response.writeHead(status, headers).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    memory.uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    memory.#close = () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      });
    memory.call('POST experiments/create', { name: 'Default' });
    return memory;
  }

  stop(): Promise<void> {
    return this.#close();
  }

  /** Calls a route as a client would, without HTTP and faults. */
  call(route: string, input: Json = {}): Json {
    const routes: Routes = {
      ...this.#tracking(),
      ...(this.hasLoggedModels ? makeLoggedModels(this) : {}),
      ...makeRegistry(this),
    };
    const [method = '', path = ''] = route.split(' ');
    const model = /^logged-models\/(m-\w+)(.*)$/.exec(path);
    const handler = routes[model === null ? route : `${method} logged-models/{id}${model[2]}`];
    if (handler === undefined) throw new Refused(404);
    return handler(model === null ? input : { ...input, model_id: model[1] }) ?? {};
  }

  async #answer(request: IncomingMessage) {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const url = new URL(request.url ?? '/', this.uri);
    const route = `${request.method} ${decodeURIComponent(url.pathname).replace(/^\/api\/2\.0\/(mlflow\/)?/, '')}`;
    this.calls.push(route);
    try {
      const isFile = route.includes('mlflow-artifacts/artifacts');
      const input =
        isFile || body.length === 0 ? Object.fromEntries(url.searchParams) : JSON.parse(String(body));
      this.faults.before?.(route, input);
      const answer = isFile ? this.#artifacts(route, input, body) : this.call(route, input);
      this.faults.after?.(route);
      const isRaw = Buffer.isBuffer(answer);
      return { status: 200, headers: {}, body: isRaw ? answer : JSON.stringify(answer) };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const { status, code, message, headers } = error;
      const told = code === undefined ? '<h1>Not Found</h1>' : JSON.stringify({ error_code: code, message });
      return { status, headers, body: told };
    }
  }

  #artifacts(route: string, { path: folder }: Json, body: Buffer): Json {
    const [method, path = ''] = [route.split(' ')[0], route.split('mlflow-artifacts/artifacts/')[1]];
    if (method === 'PUT') this.files.set(path, body);
    else if (route.includes('artifacts/artifacts/')) {
      const file = this.files.get(path);
      if (file === undefined) throw absent(path);
      return file;
    } else {
      const below = [...this.files].filter(([name]) => name.startsWith(`${folder}/`));
      const names = new Set(below.map(([name]) => name.slice(folder.length + 1).split('/')[0]));
      return {
        files: [...names].map((name) => {
          const file = this.files.get(`${folder}/${name}`);
          return { path: name, is_dir: file === undefined, file_size: file?.length };
        }),
      };
    }
    return {};
  }

  /** A page of two, with a token when there is more. */
  page(key: string, items: Json[], { page_token = '0' }: Json): Json {
    const end = Number(page_token) + 2;
    const next = end < items.length ? { next_page_token: String(end) } : {};
    return { [key]: items.slice(Number(page_token), end), ...next };
  }

  findRun(id: string): Json {
    const run = this.runs.find(({ info }) => info.run_id === id);
    if (run === undefined) throw absent(`Run with id=${id}`);
    return run;
  }

  #activeRun(id: string): Json {
    const run = this.findRun(id);
    if (run.info.lifecycle_stage === 'active') return run;
    throw new Refused(400, 'INVALID_PARAMETER_VALUE', `The run ${id} must be in the 'active' state.`);
  }

  #tracking(): Routes {
    const find = ({ experiment_id }: Json) =>
      this.experiments.find((one) => one.experiment_id === experiment_id);
    const setStage = (input: Json, stage: string) => {
      find(input).lifecycle_stage = stage;
      for (const { info } of this.runs) {
        if (info.experiment_id === input.experiment_id) info.lifecycle_stage = stage;
      }
    };
    return {
      'POST experiments/search': (input) => this.page('experiments', this.experiments, input),
      'POST experiments/create': ({ name, tags = [] }) => {
        const experiment_id = String(this.experiments.length);
        this.experiments.push({ experiment_id, name, tags: [...tags], lifecycle_stage: 'active' });
        return { experiment_id };
      },
      'POST experiments/set-experiment-tag': (input) => upsert(find(input).tags, [input]),
      'POST experiments/delete': (input) => setStage(input, 'deleted'),
      'POST experiments/restore': (input) => setStage(input, 'active'),
      'POST runs/create': ({ experiment_id, run_name, user_id, start_time, tags = [] }) => {
        if (find({ experiment_id }).lifecycle_stage !== 'active') throw new Refused(400, 'INVALID_STATE');
        const run_id = hexId();
        const artifact_uri = `mlflow-artifacts:/${experiment_id}/${run_id}/artifacts`;
        const life = { status: 'RUNNING', lifecycle_stage: 'active' };
        const info = { run_id, run_name, user_id, start_time, experiment_id, artifact_uri, ...life };
        const run = { info, data: { params: [], tags: [...tags], metrics: [] }, inputs: {}, outputs: {} };
        this.runs.push(run);
        return { run };
      },
      'GET runs/get': ({ run_id }) => ({ run: this.findRun(run_id) }),
      'POST runs/search': (input) => {
        const [, key, value] = /^tags\.`(.+)` = '(.*)'$/.exec(input.filter ?? '') ?? [];
        const runs = this.runs.filter(
          ({ info, data }) =>
            input.experiment_ids.includes(info.experiment_id) &&
            (key === undefined || data.tags.some((tag: Json) => tag.key === key && tag.value === value)),
        );
        const shown = runs.map((run) => (this.searchShowsOutputs ? run : { ...run, outputs: {} }));
        return this.page('runs', shown, input);
      },
      'POST runs/update': ({ run_id, ...changes }) => Object.assign(this.#activeRun(run_id).info, changes),
      'POST runs/set-tag': (input) => upsert(this.#activeRun(input.run_id).data.tags, [input]),
      'POST runs/delete': ({ run_id }) => {
        this.findRun(run_id).info.lifecycle_stage = 'deleted';
      },
      'POST runs/restore': ({ run_id }) => {
        this.findRun(run_id).info.lifecycle_stage = 'active';
      },
      'POST runs/log-batch': ({ run_id, metrics = [], params = [], tags = [] }) => {
        const { data } = this.#activeRun(run_id);
        const bad = [...params, ...tags].find(({ key }) => key.includes('\n'));
        if (bad !== undefined) throw new Refused(400, 'INVALID_PARAMETER_VALUE', `Invalid key ${bad.key}`);
        upsert(data.params, params);
        upsert(data.tags, tags);
        for (const metric of metrics) this.#log(run_id, data, metric);
      },
      'POST runs/log-inputs': ({ run_id, datasets = [], models = [] }) => {
        this.#activeRun(run_id).inputs = { dataset_inputs: datasets, model_inputs: models };
      },
      'POST runs/outputs': ({ run_id, models }) => {
        this.#activeRun(run_id).outputs = { model_outputs: models };
      },
      'GET metrics/get-history': (input) => {
        const points = this.points.filter((p) => p.run_id === input.run_id && p.key === input.metric_key);
        const shown = points.map(({ key, value, timestamp, step }) => ({ key, value, timestamp, step }));
        return this.page('metrics', shown, input);
      },
    };
  }

  /** The same point is kept once, as MLflow does. */
  #log(run_id: string, data: Json, { model_id, dataset_name, dataset_digest, ...point }: Json): void {
    const text = JSON.stringify(point);
    const isThere = this.points.some((p) => p.run_id === run_id && JSON.stringify(p.point) === text);
    if (!isThere) this.points.push({ run_id, ...point, point });
    if (!data.metrics.some(({ key }: Json) => key === point.key)) data.metrics.push(point);
    if (model_id === undefined) return;
    const { metrics } = findLoggedModel(this, model_id).data;
    const linked = { ...point, model_id, run_id, dataset_name, dataset_digest };
    if (!metrics.some((one: Json) => JSON.stringify(one) === JSON.stringify(linked))) metrics.push(linked);
  }
}
