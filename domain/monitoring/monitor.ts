import type * as z from 'zod';
import { type CallContext, isoTime } from '../shared/call-context.ts';
import { PreconditionFailedError } from '../shared/domain-error.ts';
import { makeEvent } from '../shared/event.ts';
import type { Item, Key, Store } from '../shared/store.ts';
import { monitorInput } from './contract.ts';
import { MonitorChanged } from './events.ts';
import type { WindowMemory } from './judge-window.ts';

export type MonitorInput = z.output<typeof monitorInput>;

/** How an endpoint is watched, and how far it has been. */
export interface Monitor extends MonitorInput {
  readonly endpoint: string;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly updatedAt: string;
}

/** How far windows have been judged: kept apart, because it changes every few minutes. */
export interface MonitorProgress {
  /** First minute that no drift window has taken yet, by version. */
  readonly nextMinute: Readonly<Record<string, number>>;
  /** What is remembered of each version's windows. */
  readonly memory: Readonly<Record<string, WindowMemory>>;
  /** What the last quality window found wrong; empty when it was in order. */
  readonly violations: readonly string[];
}

/** Where performance stands: written by another function than drift's, so it is an item of its own. */
export interface PerformanceProgress {
  /** Labels received before this time have been looked at, epoch milliseconds. */
  readonly labelsToMs: number;
  /** Whether the last window of a version was worse than its reference. */
  readonly degraded: Readonly<Record<string, boolean>>;
}

export function performanceProgressKey(tenant: string, endpoint: string): Key {
  return { ...monitorKey(tenant, endpoint), part: 'performance-progress' };
}

export const NO_PROGRESS: MonitorProgress = { nextMinute: {}, memory: {}, violations: [] };

export function monitorKey(tenant: string, endpoint: string): Key {
  return { tenant, kind: 'monitor', id: endpoint };
}

export function progressKey(tenant: string, endpoint: string): Key {
  return { ...monitorKey(tenant, endpoint), part: 'progress' };
}

/** Windows of a kind in the order of their end: `drift#<to>#<version>`. */
export function windowKey(
  tenant: string,
  endpoint: string,
  kind: WindowKind,
  to: string,
  version: number,
): Key {
  return { ...monitorKey(tenant, endpoint), part: `${kind}#${to}#${version}` };
}

export type WindowKind = 'drift' | 'quality' | 'performance';

/** The settings of an endpoint's monitor; defaults when nobody changed them. */
export async function findMonitor(
  store: Store,
  tenant: string,
  endpoint: string,
): Promise<Item<Monitor> | undefined> {
  return store.get<Monitor>(monitorKey(tenant, endpoint));
}

export function defaultMonitor(endpoint: string, createdAt: string): Monitor {
  return {
    ...monitorInput.parse({}),
    endpoint,
    createdAt,
    createdBy: 'system:monitoring',
    updatedAt: createdAt,
  };
}

/** Changes how an endpoint is watched. */
export async function putMonitor(
  store: Store,
  context: CallContext,
  endpoint: string,
  input: MonitorInput,
  ifMatch?: number,
): Promise<Item<Monitor>> {
  const current = await findMonitor(store, context.tenant, endpoint);
  if (ifMatch !== undefined && ifMatch !== current?.revision) {
    throw new PreconditionFailedError(
      `The monitor is at revision ${current?.revision ?? 'none'}, not ${ifMatch}.`,
    );
  }
  const now = isoTime(context);
  const { createdAt = now, createdBy = context.actor } = current?.value ?? {};
  const value: Monitor = { ...input, endpoint, createdAt, createdBy, updatedAt: now };
  const revision = (current?.revision ?? 0) + 1;
  const key = monitorKey(context.tenant, endpoint);
  const event = {
    resource: `endpoints/${endpoint}/monitor`,
    sequence: revision,
    data: { endpoint },
    after: input,
  };
  await store.commit([
    { put: key, value, expect: current?.revision ?? 'absent' },
    { emit: makeEvent(MonitorChanged, context, { ...event, ...(current ? { before: current.value } : {}) }) },
  ]);
  return { key, value, revision };
}
