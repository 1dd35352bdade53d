import { OpenAPIRegistry, OpenApiGeneratorV31, type RouteConfig } from '@asteasolutions/zod-to-openapi';
import * as z from 'zod';
import { EVENTS } from '../domain/events.ts';
import { ROUTES } from '../domain/routes.ts';
import { type EventType, eventDetail } from '../domain/shared/event.ts';
import type { Route } from '../domain/shared/route.ts';
import { PRODUCT_VERSION } from '../domain/shared/version.ts';

/** Every file that is made from declarations, by path from the repository's root. */
export function makeGeneratedFiles(): Map<string, string> {
  const files = new Map([['docs/openapi.json', toText(makeOpenApi())]]);
  for (const event of EVENTS) {
    files.set(`docs/events/${event.detailType}.json`, toText(makeEventSchema(event)));
  }
  return files;
}

function makeOpenApi(): object {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' });
  registry.registerComponent('securitySchemes', 'basic', { type: 'http', scheme: 'basic' });
  for (const [capability, routes] of Object.entries(ROUTES)) {
    for (const route of Object.values<Route>(routes)) {
      for (const [index, path] of [route.path, ...route.twins].entries()) {
        registry.registerPath(toOperation(capability, route, path, index));
      }
    }
  }
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: { title: 'Perennial', version: PRODUCT_VERSION, license: { name: 'Apache-2.0' } },
  });
}

function toOperation(capability: string, route: Route, path: string, twin: number): RouteConfig {
  const { shape: params } = route.params as z.ZodObject;
  const { shape: query } = route.query as z.ZodObject;
  const names = [...path.matchAll(/\{(\w+)\+?\}/g)].map((match) => match[1]!);
  const hasBody = !(route.body instanceof z.ZodUndefined);
  return {
    operationId: twin === 0 ? route.operationId : `${route.operationId}${twin + 1}`,
    method: route.method.toLowerCase() as RouteConfig['method'],
    path: path.replaceAll('+}', '}'),
    tags: [capability],
    summary: route.summary,
    security: route.role === 'open' ? [] : [{ bearer: [] }, { basic: [] }],
    'x-role': route.role,
    request: {
      params: z.object(Object.fromEntries(names.map((name) => [name, params?.[name] ?? z.string()]))),
      ...(query && Object.keys(query).length > 0 ? { query: route.query as z.ZodObject } : {}),
      ...(hasBody ? { body: { content: { 'application/json': { schema: route.body } } } } : {}),
    },
    responses: { [route.status]: toResponse(route) },
  } as RouteConfig;
}

function toResponse(route: Route) {
  const description = route.summary;
  if (route.response instanceof z.ZodUndefined) return { description };
  return { description, content: { 'application/json': { schema: route.response } } };
}

/** JSON Schema of the event as EventBridge delivers it. */
function makeEventSchema(event: EventType): object {
  const schema = z.object({
    source: z.literal(event.source),
    'detail-type': z.literal(event.detailType),
    detail: eventDetail.extend({ data: event.data }),
  });
  return { title: event.detailType, ...z.toJSONSchema(schema, { unrepresentable: 'any' }) };
}

function toText(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
