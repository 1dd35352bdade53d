import type { Answer } from '../../../adapters/lambda/api.ts';
import { type Endpoint, toEndpointView } from '../../../domain/deployment/endpoint.ts';
import type { getFreezeCalendar } from '../../../domain/deployment/freeze-calendar.ts';
import { type Rollout, type RolloutDecision, toRolloutView } from '../../../domain/deployment/rollout.ts';
import type { Item, Page } from '../../../domain/shared/store.ts';

export function answerEndpoint(endpoint: Item<Endpoint>, baseUrl: string): Answer {
  return { body: toEndpointView(endpoint, baseUrl), revision: endpoint.revision };
}

export function answerEndpoints(page: Page<Item<Endpoint>>, baseUrl: string): Answer {
  return { body: { ...page, items: page.items.map((endpoint) => toEndpointView(endpoint, baseUrl)) } };
}

export function answerRollout(rollout: Item<Rollout>, decisions?: readonly RolloutDecision[]): Answer {
  return { body: toRolloutView(rollout, decisions), revision: rollout.revision };
}

export function answerRollouts(page: Page<Item<Rollout>>): Answer {
  return { body: { ...page, items: page.items.map((rollout) => toRolloutView(rollout)) } };
}

export function answerFreezeCalendar(calendar: Awaited<ReturnType<typeof getFreezeCalendar>>): Answer {
  return { body: calendar, revision: calendar.revision };
}

/** The system specification's deployment: its id is the endpoint's name. */
export function answerDeployment(
  { endpoint, rollout }: { readonly endpoint: Item<Endpoint>; readonly rollout: Item<Rollout> },
  baseUrl: string,
): Answer {
  const view = toEndpointView(endpoint, baseUrl);
  return { body: { id: view.name, status: view.status, endpoint: view, rollout: toRolloutView(rollout) } };
}
