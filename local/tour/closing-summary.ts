import type { ServedEndpoint } from './roll-out-version.ts';
import type { StepLog } from './step-log.ts';
import type { TourContext } from './tour-context.ts';

/** Every step in a line, where to look, and what to try next. */
export function describeTour({ cloud, names }: TourContext, { url }: ServedEndpoint, log: StepLog): string {
  const steps = log.steps.map(
    ({ name, ok, seconds }) => `  ${ok ? '✔' : '✖'} ${seconds.toFixed(1).padStart(6)} s  ${name}`,
  );
  return `
${steps.join('\n')}

${names.model} is served at   ${url}
API description             ${cloud.apiUrl}/api/v1/openapi.json
Tokens, one per role        .perennial/local.json
Evidence of every step      .perennial/tour.json

Try next
  npx perennial endpoint show ${names.endpoint}
  npx perennial rollout list ${names.endpoint}
  npx perennial drift show ${names.endpoint}
  npx perennial performance show ${names.endpoint}
  npx perennial retraining-policy evaluations ${names.policy}
  npx perennial training list ${names.pipeline}
  npx perennial audit list --resource endpoints/${names.endpoint}`;
}
