import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import {
  GetParameterCommand,
  ParameterAlreadyExists,
  ParameterNotFound,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import type { SecretBox } from '../../domain/registry/webhooks/ports.ts';

interface VersionedKey {
  readonly version: number;
  readonly key: Buffer;
}

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const defaultClient = new SSMClient({});

/**
 * Secrets sealed with AES-256-GCM under a key in a SecureString parameter, which the first secret makes: at rest it
 * is encrypted by KMS, and unlike a KMS key of its own it costs nothing while nobody has a webhook. A sealed text
 * names the parameter's version, so that overwriting the parameter begins a new key and old texts stay readable.
 */
export function createSecretBox(parameterName: string, client: SSMClient = defaultClient): SecretBox {
  const keys = new Map<number, Buffer>();
  const remember = ({ version, key }: VersionedKey): VersionedKey => {
    keys.set(version, key);
    return { version, key };
  };
  const ofVersion = async (version: number): Promise<Buffer> => {
    const known = keys.get(version);
    if (known !== undefined) return known;
    const newest = remember(await readKey(client, parameterName));
    if (newest.version === version) return newest.key;
    return remember(await readKey(client, `${parameterName}:${version}`)).key;
  };
  return {
    seal: async (text, boundTo) => {
      const { version, key } = remember(await readOrMakeKey(client, parameterName));
      return `${version}.${encrypt(key, text, boundTo).toString('base64url')}`;
    },
    open: async (sealed, boundTo) => {
      const [version = '', bytes = ''] = sealed.split('.');
      return decrypt(await ofVersion(Number(version)), Buffer.from(bytes, 'base64url'), boundTo);
    },
  };
}

async function readKey(client: SSMClient, name: string): Promise<VersionedKey> {
  const { Parameter } = await client.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
  if (Parameter?.Value === undefined || Parameter.Version === undefined) {
    throw new Error('SSM answered without a key.');
  }
  return { version: Parameter.Version, key: Buffer.from(Parameter.Value, 'base64') };
}

/** Of two that make it at once, one is told that it is there. */
async function readOrMakeKey(client: SSMClient, name: string): Promise<VersionedKey> {
  try {
    return await readKey(client, name);
  } catch (error) {
    if (!(error instanceof ParameterNotFound)) throw error;
  }
  try {
    const Value = randomBytes(32).toString('base64');
    await client.send(new PutParameterCommand({ Name: name, Type: 'SecureString', Value, Overwrite: false }));
  } catch (error) {
    if (!(error instanceof ParameterAlreadyExists)) throw error;
  }
  return readKey(client, name);
}

function encrypt(key: Buffer, text: string, boundTo: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(boundTo));
  const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), encrypted]);
}

/** @throws Error when the text was changed, or belongs to somebody else */
function decrypt(key: Buffer, sealed: Buffer, boundTo: string): string {
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const tag = sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(boundTo)).setAuthTag(tag);
  const text = Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
  return text.toString('utf8');
}
