import { createHmac } from 'node:crypto';
import type { SecretBox } from './ports.ts';
import { secretOwner, type WebhookRecord } from './webhook-records.ts';

/**
 * Headers of one attempt. The signature covers the delivery's id, which repeats and attempts share, and the
 * attempt's own time, so that a receiver can refuse what is old.
 */
export function signRequest(
  { deliveryId, body, secret }: { deliveryId: string; body: string; secret: string | undefined },
  nowMs: number,
): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1000));
  const signed = `${deliveryId}.${timestamp}.${body}`;
  return {
    'content-type': 'application/json',
    'x-mlflow-delivery-id': deliveryId,
    'x-mlflow-timestamp': timestamp,
    ...(secret === undefined
      ? {}
      : { 'x-mlflow-signature': `v1,${createHmac('sha256', secret).update(signed).digest('base64')}` }),
  };
}

export async function openSecret(
  secrets: SecretBox,
  tenant: string,
  { id, sealedSecret }: WebhookRecord,
): Promise<string | undefined> {
  return sealedSecret === undefined ? undefined : secrets.open(sealedSecret, secretOwner(tenant, id));
}
