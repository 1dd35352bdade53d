import { generateKeyPairSync, sign } from 'node:crypto';
import type { Signer, TrustedKeys } from '../../domain/registry/ports.ts';

/** A signing key of this process alone, for tests of use cases. */
export class MemorySigningKey implements Signer, TrustedKeys {
  readonly #pair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });

  async publicKeyPem() {
    return this.#pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  }

  async publicKeysPem() {
    return [await this.publicKeyPem()];
  }

  async sign(message: Uint8Array) {
    return sign('sha256', message, { key: this.#pair.privateKey, dsaEncoding: 'der' });
  }
}
