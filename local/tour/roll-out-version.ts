import type { Flight } from './flight.ts';
import { LiveTraffic } from './live-traffic.ts';
import { hold, type Say } from './step-log.ts';
import type { TourContext } from './tour-context.ts';
import { CANARY, summarizeDecisions, watchRollout } from './watch-rollout.ts';

export interface ServedEndpoint {
  readonly name: string;
  readonly url: string;
}

/** Traffic of small requests: the judge counts requests. */
export function callersOf(context: TourContext, endpoint: ServedEndpoint) {
  const { as, invokerToken } = context;
  return new LiveTraffic({
    ...{ endpoint: endpoint.name, url: endpoint.url, client: as.invoker, token: invokerToken },
    ...{ rowsPerRequest: 10, requestsPerSecond: 8, labels: true },
  });
}

/** Rolls a version out under live traffic; the judge alone decides. */
export async function rollOutVersion(
  context: TourContext,
  endpoint: ServedEndpoint,
  version: number,
  flights: readonly Flight[],
  say: Say,
) {
  const { as, names } = context;
  const callers = callersOf(context, endpoint).start(flights);
  const { id } = await as.operator.deployment.startRollout({
    params: { name: endpoint.name },
    body: { version, ...CANARY },
  });
  const rollout = await watchRollout(context, id, say).finally(() => callers.stop());
  const count = await callers.finish();
  hold(rollout.outcome === 'PROMOTED', `The rollout ended ${rollout.outcome}: ${rollout.reason ?? ''}`);
  const failed = count.failed;
  hold(failed === 0, `${failed} of ${count.requests} requests failed during the rollout.`);
  say(`${count.requests} requests, none failed; answered by version: ${JSON.stringify(count.byVersion)}`);
  await as.scientist.registry.setModelVersionStage({
    params: { name: names.model, v: String(version) },
    body: { stage: 'production', reason: 'Promoted by its rollout' },
  });
  const evidence = {
    rollout: id,
    outcome: rollout.outcome,
    decisions: summarizeDecisions(rollout),
    traffic: count,
  };
  return { value: rollout, evidence };
}
