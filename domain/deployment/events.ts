import * as z from 'zod';
import { defineEvent } from '../shared/event.ts';
import { ROLLOUT_OUTCOMES, ROLLOUT_STRATEGIES, ROLLOUT_TRIGGERS } from './contract.ts';

const rolloutFields = {
  rollout: z.string(),
  endpoint: z.string(),
  model: z.string(),
  version: z.number().int(),
  incumbentVersion: z.number().int().nullable(),
};

export const EndpointCreated = defineEvent(
  'perennial.deployment',
  'EndpointCreated',
  z.object({ endpoint: z.string(), model: z.string(), target: z.enum(['platform', 'external']) }),
);

export const EndpointChanged = defineEvent(
  'perennial.deployment',
  'EndpointChanged',
  z.object({ endpoint: z.string() }),
);

export const EndpointDeleted = defineEvent(
  'perennial.deployment',
  'EndpointDeleted',
  z.object({ endpoint: z.string() }),
);

export const FreezeCalendarChanged = defineEvent(
  'perennial.deployment',
  'FreezeCalendarChanged',
  z.object({ windows: z.number().int() }),
);

export const RolloutStarted = defineEvent(
  'perennial.deployment',
  'RolloutStarted',
  z.object({
    ...rolloutFields,
    strategy: z.enum(ROLLOUT_STRATEGIES),
    trigger: z.enum(ROLLOUT_TRIGGERS),
    triggerReason: z.string().nullable(),
  }),
);

/** The weight changed, or the rollout was paused or resumed. */
export const RolloutStepChanged = defineEvent(
  'perennial.deployment',
  'RolloutStepChanged',
  z.object({
    ...rolloutFields,
    status: z.enum(['RUNNING', 'PAUSED']),
    pauseReason: z.string().nullable(),
    weight: z.number(),
    reason: z.string(),
  }),
);

export const RolloutCompleted = defineEvent(
  'perennial.deployment',
  'RolloutCompleted',
  z.object({ ...rolloutFields, outcome: z.enum(ROLLOUT_OUTCOMES), reason: z.string() }),
);

/** A version has all the traffic of an endpoint. */
export const ModelDeployed = defineEvent(
  'perennial.deployment',
  'ModelDeployed',
  z.object({
    endpoint: z.string(),
    model: z.string(),
    version: z.number().int(),
    previousVersion: z.number().int().nullable(),
    rollout: z.string().nullable(),
  }),
);
