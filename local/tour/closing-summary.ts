import type { ServedEndpoint } from './roll-out-version.ts';
import type { StepLog } from './step-log.ts';
import type { TourContext } from './tour-context.ts';

/** Where to look and what to try next. */
export function describeTour({ cloud, names }: TourContext, endpoint: ServedEndpoint, log: StepLog): string {
  const steps = log.steps.map(
    ({ name, ok, seconds }) => `  ${ok ? '✔' : '✖'} ${name.padEnd(62)} ${seconds.toFixed(1)} s`,
  );
  return `
${steps.join('\n')}

The model ${names.model} now serves at ${endpoint.url}
  one prediction     npx perennial endpoint get ${names.endpoint}, then POST …/invocations with the invoker's token
  its versions       npx perennial model versions ${names.model}
  its rollouts       npx perennial rollout list ${names.endpoint}
  what was seen      npx perennial drift show ${names.endpoint}
  who did what       npx perennial audit list
  HTTP               ${cloud.apiUrl}/api/v1/openapi.json`;
}
