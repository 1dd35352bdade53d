import { type CallContext, isoTime } from '../shared/call-context.ts';
import { makeEvent } from '../shared/event.ts';
import type { Change, Item, Store } from '../shared/store.ts';
import { decideRetraining, type RetrainingDecision, type RetrainingFacts } from './decide.ts';
import { RetrainingSkipped, RetrainingStarted } from './events.ts';
import { moveTrigger } from './open-triggers.ts';
import {
  type Evaluation,
  evaluationKey,
  POLICIES_LIST,
  type RetrainingPolicy,
  type Trigger,
} from './policy-records.ts';
import type { RetrainingWorld, StartedTraining } from './ports.ts';

export interface RetrainingDependencies {
  readonly store: Store;
  readonly world: RetrainingWorld;
}

const MINUTE_MS = 60_000;

/**
 * Evaluates one policy for one trigger and keeps why it did or did not start a training. Starting comes first
 * and is idempotent by policy and event: dying before the record repeats it without a second training.
 */
export async function evaluatePolicy(
  deps: RetrainingDependencies,
  context: CallContext,
  policy: Item<RetrainingPolicy>,
  trigger: Trigger,
): Promise<Evaluation> {
  const window = { fromMs: context.nowMs - policy.value.windowMinutes * MINUTE_MS, toMs: context.nowMs };
  const facts = await gatherFacts(deps.world, context, policy.value, window);
  const decision = decideRetraining(policy.value, trigger, facts);
  const started = decision.start
    ? await start(deps.world, context, policy.value, trigger, window, decision)
    : undefined;
  const evaluation = toEvaluation(context, policy.value, trigger, decision, facts, started, window);
  if (isRepeat(policy.value, evaluation)) return evaluation;
  await deps.store.commit(toChanges(context, policy, trigger, decision, evaluation, started));
  return evaluation;
}

async function gatherFacts(
  world: RetrainingWorld,
  { tenant, nowMs }: CallContext,
  { endpoint, pipeline }: RetrainingPolicy,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Promise<RetrainingFacts & { servingVersion: number | null }> {
  const [found, qualityViolations, trainingRunning, labels] = await Promise.all([
    world.findEndpoint(tenant, endpoint),
    world.listQualityViolations(tenant, endpoint),
    world.isTraining(tenant, pipeline),
    world.countLabels(tenant, endpoint, fromMs, toMs),
  ]);
  return {
    nowMs,
    endpointExists: found !== undefined,
    rolloutRunning: found?.rolloutRunning ?? false,
    servingVersion: found?.version ?? null,
    qualityViolations,
    trainingRunning,
    labels,
  };
}

function start(
  world: RetrainingWorld,
  context: CallContext,
  policy: RetrainingPolicy,
  trigger: Trigger,
  { fromMs, toMs }: { fromMs: number; toMs: number },
  { explanation }: RetrainingDecision,
): Promise<StartedTraining> {
  const author = { ...context, actor: policy.updatedBy };
  return world.startTraining(author, {
    pipeline: policy.pipeline,
    endpoint: policy.endpoint,
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    append: policy.append,
    idempotencyKey: `${policy.name}/${trigger.eventId}`,
    cause: `Retraining policy ${policy.name}: ${explanation}`,
  });
}

function toEvaluation(
  context: CallContext,
  policy: RetrainingPolicy,
  trigger: Trigger,
  decision: RetrainingDecision,
  facts: RetrainingFacts & { servingVersion: number | null },
  started: StartedTraining | undefined,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Evaluation {
  const { kind, eventId, occurredAt } = trigger;
  const since =
    policy.lastStartedAt === null
      ? {}
      : { minutesSinceLastStart: (context.nowMs - Date.parse(policy.lastStartedAt)) / MINUTE_MS };
  return {
    id: context.newId('rev'),
    policy: policy.name,
    at: isoTime(context),
    trigger: { kind, eventId, occurredAt },
    decision: decision.start ? 'STARTED' : 'SKIPPED',
    skipReason: decision.start ? null : decision.reason,
    explanation: decision.explanation,
    facts: {
      labels: facts.labels,
      minimumLabels: policy.minimumLabels,
      ...since,
      cooldownMinutes: policy.cooldownMinutes,
      ...(trigger.verdict === undefined ? {} : { verdict: trigger.verdict }),
      servingVersion: facts.servingVersion,
      windowFrom: new Date(fromMs).toISOString(),
      windowTo: new Date(toMs).toISOString(),
    },
    datasetVersion: started === undefined ? null : `${started.dataset}/${started.datasetVersion}`,
    executionId: started?.executionId ?? null,
  };
}

/** An open trigger is looked at every few minutes: the same answer for the same reason is told once. */
function isRepeat({ lastSkip }: RetrainingPolicy, evaluation: Evaluation): boolean {
  return evaluation.decision === 'SKIPPED' && lastSkip === skipMark(evaluation);
}

function skipMark({ trigger, skipReason }: Evaluation): string {
  return `${trigger.eventId}/${skipReason}`;
}

function toChanges(
  context: CallContext,
  policy: Item<RetrainingPolicy>,
  trigger: Trigger,
  decision: RetrainingDecision,
  evaluation: Evaluation,
  started: StartedTraining | undefined,
): Change[] {
  const staysOpen = !decision.start && !decision.final;
  const value = {
    ...policy.value,
    openTrigger: staysOpen ? trigger : null,
    lastStartedAt: decision.start ? evaluation.at : policy.value.lastStartedAt,
    lastSkip: decision.start ? undefined : skipMark(evaluation),
  };
  const placement = { list: POLICIES_LIST, sort: policy.value.createdAt };
  return [
    { put: policy.key, value, expect: policy.revision, placement },
    {
      put: evaluationKey(context.tenant, policy.value.name, evaluation.id),
      value: evaluation,
      expect: 'absent',
    },
    ...moveTrigger(context.tenant, policy.value, staysOpen),
    { emit: toEvent(context, policy, trigger, evaluation, started) },
  ];
}

function toEvent(
  context: CallContext,
  policy: Item<RetrainingPolicy>,
  { kind, eventId }: Trigger,
  { skipReason, explanation }: Evaluation,
  started: StartedTraining | undefined,
) {
  const { name, endpoint, pipeline } = policy.value;
  const base = { resource: `retraining-policies/${name}`, sequence: policy.revision + 1 };
  const trigger = { kind, eventId };
  if (started !== undefined) {
    return makeEvent(RetrainingStarted, context, {
      ...base,
      data: { policy: name, endpoint, pipeline, ...started, trigger },
    });
  }
  const reason = skipReason ?? 'DISABLED';
  return makeEvent(RetrainingSkipped, context, {
    ...base,
    data: { policy: name, endpoint, reason, explanation, trigger },
  });
}
