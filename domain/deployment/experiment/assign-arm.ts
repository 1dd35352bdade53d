import { createHash, createHmac } from 'node:crypto';

export interface ExperimentArm {
  readonly version: number;
  /** Of the traffic; all arms together have 1. */
  readonly share: number;
}

/** 52 bits of a digest, so that a fraction of them is exact in a double. */
const BITS = 2 ** 52;

/** What is kept of an assignment key: nobody without the tenant's key can tell whose it is. */
export function keepAssignmentKey(tenantKey: Uint8Array, assignmentKey: string): string {
  return createHmac('sha256', tenantKey).update(assignmentKey).digest('hex');
}

/**
 * The arm that a caller stays on, by weighted rendezvous hashing: each arm draws from the kept key, the best draw
 * wins. Nothing is stored. When an arm's share grows and the others shrink alike, keys move to that arm only;
 * its own keys all stay. Made from the kept key, it can be recomputed from what was captured.
 *
 * @param test id of the test: another test mixes the callers anew
 * @throws RangeError when no arm has a share
 */
export function assignArm(keptKey: string, test: string, arms: readonly ExperimentArm[]): number {
  let best: { readonly version: number; readonly draw: number } | undefined;
  for (const { version, share } of arms) {
    if (share <= 0) continue;
    const draw = -share / Math.log(toUniform(`${test}\n${version}\n${keptKey}`));
    if (best === undefined || draw > best.draw) best = { version, draw };
  }
  if (best === undefined) throw new RangeError('No arm of the test has a share of the traffic.');
  return best.version;
}

/** A number strictly between 0 and 1. */
function toUniform(text: string): number {
  const digest = createHash('sha256').update(text).digest();
  return (Number(digest.readBigUInt64BE() >> 12n) + 0.5) / BITS;
}
