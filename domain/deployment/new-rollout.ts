import type { DeployableVersion } from '../registry/ports.ts';
import { type CallContext, isoTime } from '../shared/call-context.ts';
import { makeEvent } from '../shared/event.ts';
import type { Change } from '../shared/store.ts';
import { type RolloutChoice, taskOf } from './choose-rollout.ts';
import type { RolloutTrigger } from './contract.ts';
import type { Endpoint } from './endpoint.ts';
import { RolloutStarted } from './events.ts';
import { type Rollout, rolloutFacts, rolloutKey, rolloutsList } from './rollout.ts';
import { beginWork } from './unfinished-work.ts';

export interface NewRollout extends RolloutChoice {
  readonly endpoint: Pick<Endpoint, 'name' | 'model' | 'version' | 'functionVersion'>;
  readonly version: DeployableVersion;
  readonly trigger: RolloutTrigger;
  readonly triggerReason: string | null;
}

/** A rollout and the changes that begin it; the caller commits them with the endpoint's lock. */
export function makeRollout(
  context: CallContext,
  input: NewRollout,
): { readonly rollout: Rollout; readonly changes: readonly Change[] } {
  const { endpoint, version, strategy, policy, trigger, triggerReason } = input;
  const createdAt = isoTime(context);
  const rollout: Rollout = {
    id: context.newId('rol'),
    endpoint: endpoint.name,
    model: endpoint.model,
    version: version.version,
    task: taskOf(version),
    scoreRange: version.scoreRange,
    strategy,
    policy,
    trigger,
    triggerReason,
    incumbent: toArm(endpoint),
    candidate: null,
    status: 'PENDING',
    pauseReason: null,
    outcome: null,
    reason: null,
    weight: 0,
    appliedWeight: 0,
    steps: [],
    judge: null,
    firstMinute: null,
    nextMinute: null,
    command: null,
    promotion: null,
    generation: 1,
    lastAdvancedAt: createdAt,
    startedAt: null,
    completedAt: null,
    createdAt,
    createdBy: context.actor,
    updatedAt: createdAt,
  };
  return { rollout, changes: toChanges(context, rollout) };
}

function toArm({ version, functionVersion }: NewRollout['endpoint']) {
  return version === null || functionVersion === null ? null : { version, functionVersion };
}

function toChanges(context: CallContext, rollout: Rollout): Change[] {
  const { id, endpoint, createdAt, strategy, trigger, triggerReason } = rollout;
  const placement = { list: rolloutsList(endpoint), sort: createdAt };
  return [
    { put: rolloutKey(context.tenant, id), value: rollout, expect: 'absent', placement },
    beginWork({ work: 'rollout', tenant: context.tenant, id, since: createdAt }),
    {
      emit: makeEvent(RolloutStarted, context, {
        resource: `endpoints/${endpoint}/rollouts/${id}`,
        sequence: 1,
        data: { ...rolloutFacts(rollout), strategy, trigger, triggerReason },
      }),
    },
  ];
}
