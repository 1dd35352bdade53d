import { comparePredictions, parseExample, toInvocation } from '../../domain/serving/check-example.ts';
import { hold } from './step-log.ts';
import type { TourContext } from './tour-context.ts';

/** The example that a version was registered with. */
export async function fetchExample({ as }: TourContext, model: string, version: number) {
  const { items } = await as.viewer.registry.listModelVersionFiles({
    params: { name: model, v: String(version) },
  });
  const file = items.find(({ path }) => path === 'example.json');
  hold(file !== undefined, `Version ${version} of ${model} has no example.`);
  return parseExample(await (await fetch(file.url)).json());
}

/** Calls the endpoint with the example and answers the largest difference; throws when it is too large. */
export async function callExample(
  context: TourContext,
  url: string,
  example: Awaited<ReturnType<typeof fetchExample>>,
) {
  const response = await fetch(`${url}/invocations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${context.invokerToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(toInvocation(example)),
  });
  const text = await response.text();
  hold(response.ok, `The endpoint answered ${response.status}: ${text.slice(0, 200)}`);
  const { predictions } = JSON.parse(text) as { predictions: unknown[] };
  const compared = comparePredictions(predictions, example.outputs, example.tolerance);
  hold(compared.mismatch === undefined, `The endpoint differs from the example: ${compared.mismatch}`);
  return { predictions, maxDifference: compared.maxDifference };
}
