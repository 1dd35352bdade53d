import { waitUntil } from '../../sdk/index.ts';
import { hold } from './step-log.ts';
import type { TourContext } from './tour-context.ts';

/** Creates an endpoint and waits until it is IN_SERVICE. */
export async function createEndpoint(
  { as }: TourContext,
  body: { readonly name: string; readonly model: string; readonly version: number },
) {
  await as.operator.deployment.createEndpoint({ body });
  const endpoint = await waitUntil(
    () => as.viewer.deployment.getEndpoint({ params: { name: body.name } }),
    ({ status }) => status === 'IN_SERVICE' || status === 'FAILED',
    { timeoutSeconds: 90, intervalSeconds: 0.3 },
  );
  hold(endpoint.status === 'IN_SERVICE', `The endpoint FAILED: ${endpoint.reason ?? ''}`);
  hold(endpoint.url !== null, 'The endpoint has no url.');
  return { name: endpoint.name, url: endpoint.url };
}
