import { type Client, createClient } from '../../sdk/index.ts';
import type { Cloud } from '../cloud.ts';
import type { StepLog } from './step-log.ts';

const ROLES = ['viewer', 'invoker', 'scientist', 'operator', 'approver', 'admin'] as const;
export type TourRole = (typeof ROLES)[number];

/** What the tour calls its things; a repeated tour numbers them. */
export interface TourNames {
  readonly dataset: string;
  readonly model: string;
  readonly pipeline: string;
  readonly endpoint: string;
  readonly policy: string;
  /** Model and endpoint on which faults are injected. */
  readonly faults: string;
}

export interface TourContext {
  readonly cloud: Cloud;
  /** A client for each role of the tenant `default`: every call goes through the front door with its token. */
  readonly as: Readonly<Record<TourRole, Client>>;
  readonly invokerToken: string;
  readonly names: TourNames;
  readonly log: StepLog;
}

const MODEL = 'flight-delays';

export async function makeTourContext(cloud: Cloud, log: StepLog): Promise<TourContext> {
  const tokens = cloud.tenants.default ?? {};
  const client = (role: TourRole) => createClient({ apiUrl: cloud.apiUrl, token: tokens[role] ?? '' });
  const as = Object.fromEntries(ROLES.map((role) => [role, client(role)])) as Record<TourRole, Client>;
  const { items } = await as.viewer.registry.listModels({ query: { limit: 1000 } });
  const names = nameTour(items.map(({ name }) => name));
  return { cloud, as, invokerToken: tokens.invoker ?? '', names, log };
}

/** Plain names for the first tour of a cloud, numbered ones for each that follows. */
export function nameTour(models: readonly string[]): TourNames {
  const runs = models.flatMap((name) => {
    const match = /^flight-delays(?:-(\d+))?$/.exec(name);
    return match === null ? [] : [Number(match[1] ?? 1)];
  });
  const suffix = runs.length === 0 ? '' : `-${Math.max(...runs) + 1}`;
  return {
    dataset: `flights${suffix}`,
    model: `${MODEL}${suffix}`,
    pipeline: `${MODEL}${suffix}`,
    endpoint: `${MODEL}${suffix}`,
    policy: `renew-${MODEL}${suffix}`,
    faults: `${MODEL}-faults${suffix}`,
  };
}
