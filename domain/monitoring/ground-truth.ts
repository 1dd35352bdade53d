import type * as z from 'zod';
import type { CallContext } from '../shared/call-context.ts';
import type { CapturedEndpoint, LabelRow } from '../shared/capture-layout.ts';
import { ForbiddenError } from '../shared/domain-error.ts';
import { mayInvoke } from '../shared/principal.ts';
import type { groundTruthInput } from './contract.ts';
import type { RowArchive } from './ports.ts';

export type LabelInput = z.output<typeof groundTruthInput>['labels'][number];

/** Keeps labels as they come: which of several holds for a row is decided when they are joined. */
export async function postGroundTruth(
  archive: RowArchive,
  context: CallContext,
  endpoint: string,
  labels: readonly LabelInput[],
): Promise<number> {
  requireEndpoint(context, endpoint);
  const target: CapturedEndpoint = { tenant: context.tenant, endpoint };
  const rows: LabelRow[] = labels.map((label) => ({ ...label, receivedAt: context.nowMs }));
  await archive.writeLabels(target, context.nowMs, context.newId('lbl'), rows);
  return rows.length;
}

/** @throws ForbiddenError when the token is limited to other endpoints */
export function requireEndpoint(context: CallContext, endpoint: string): void {
  if (mayInvoke(context.principal, endpoint)) return;
  throw new ForbiddenError(`The token is not for the endpoint '${endpoint}'.`);
}
