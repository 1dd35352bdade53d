import { createHash, generateKeyPairSync } from 'node:crypto';
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { createSigningKey } from '../../../../adapters/kms/signing-key.ts';

const client = new KMSClient({ region: 'us-east-1' });
const kms = mockClient(client);
const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const der = publicKey.export({ type: 'spki', format: 'der' });

beforeEach(() => kms.reset());

describe('createSigningKey', () => {
  it('has the digest of a message signed, however long the message is', async () => {
    kms.on(SignCommand).resolves({ Signature: Buffer.from('signature') });
    const message = Buffer.alloc(10_000, 'x');

    const signature = await createSigningKey('key', client).sign(message);

    expect(Buffer.from(signature).toString()).toBe('signature');
    expect(kms.commandCalls(SignCommand)[0]?.args[0].input).toEqual({
      KeyId: 'key',
      Message: createHash('sha256').update(message).digest(),
      MessageType: 'DIGEST',
      SigningAlgorithm: 'ECDSA_SHA_256',
    });
  });

  it('asks for the public key once', async () => {
    kms.on(GetPublicKeyCommand).resolves({ PublicKey: der });
    const key = createSigningKey('key', client);

    const [pem] = await key.publicKeysPem();

    expect(pem).toBe(await key.publicKeyPem());
    expect(pem).toContain('BEGIN PUBLIC KEY');
    expect(kms.commandCalls(GetPublicKeyCommand)).toHaveLength(1);
  });

  it('asks again after a failure', async () => {
    kms.on(GetPublicKeyCommand).rejectsOnce(new Error('throttled')).resolves({ PublicKey: der });
    const key = createSigningKey('key', client);

    await expect(key.publicKeyPem()).rejects.toThrow('throttled');
    await expect(key.publicKeyPem()).resolves.toContain('PUBLIC KEY');
  });

  it('fails when KMS answers nothing', async () => {
    kms.on(GetPublicKeyCommand).resolves({}).on(SignCommand).resolves({});
    const key = createSigningKey('key', client);

    await expect(key.publicKeyPem()).rejects.toThrow('without a public key');
    await expect(key.sign(Buffer.from('x'))).rejects.toThrow('without a signature');
  });
});
