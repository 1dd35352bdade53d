import { createHash } from 'node:crypto';
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import type { Signer, TrustedKeys } from '../../domain/registry/ports.ts';
import { toPublicKeyPem } from '../../domain/shared/signing/bundle.ts';

const defaultClient = new KMSClient({});

/** The installation's signing key in KMS. Its public half never changes, so it is asked for once. */
export function createSigningKey(keyId: string, client: KMSClient = defaultClient): Signer & TrustedKeys {
  let publicKey: Promise<string> | undefined;
  const publicKeyPem = () => {
    publicKey ??= fetchPublicKey(client, keyId).catch((error: unknown) => {
      publicKey = undefined;
      throw error;
    });
    return publicKey;
  };
  return {
    publicKeyPem,
    publicKeysPem: async () => [await publicKeyPem()],
    sign: async (message) => {
      const { Signature } = await client.send(
        new SignCommand({
          KeyId: keyId,
          // KMS takes messages of up to 4 KB as they are; a statement over many files is longer.
          Message: createHash('sha256').update(message).digest(),
          MessageType: 'DIGEST',
          SigningAlgorithm: 'ECDSA_SHA_256',
        }),
      );
      if (Signature === undefined) throw new Error('KMS answered without a signature.');
      return Signature;
    },
  };
}

async function fetchPublicKey(client: KMSClient, keyId: string): Promise<string> {
  const { PublicKey } = await client.send(new GetPublicKeyCommand({ KeyId: keyId }));
  if (PublicKey === undefined) throw new Error('KMS answered without a public key.');
  return toPublicKeyPem(PublicKey);
}
