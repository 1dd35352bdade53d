import { X509Certificate } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { runCommand } from './commands.ts';
import { LocalCloudError } from './errors.ts';
import type { Workspace } from './workspace.ts';

export interface Certificate {
  readonly caFile: string;
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** A certificate with less than this left is made anew, so that no long session runs into its end. */
const renewWithinDays = 30;

/** Whether a certificate is still good for `renewWithinDays` after `now`. */
export function isFresh(pem: string, now: Date): boolean {
  const left = new X509Certificate(pem).validToDate.getTime() - now.getTime();
  return left > renewWithinDays * 24 * 60 * 60 * 1000;
}

/**
 * The certificate for `localhost` and the authority that signed it; made by Python's `cryptography`, so that
 * no `openssl` program is needed. The authority's key is thrown away once it has signed.
 */
export async function ensureCertificate(workspace: Workspace, python: string): Promise<Certificate> {
  const certificate: Certificate = {
    caFile: workspace.caFile,
    certificateFile: join(workspace.certificateDirectory, 'localhost.pem'),
    keyFile: join(workspace.certificateDirectory, 'localhost.key'),
  };
  if (await isUsable(certificate)) return certificate;
  await mkdir(workspace.certificateDirectory, { recursive: true });
  const script = join(import.meta.dirname, 'emulator', 'make_certificate.py');
  const { caFile, certificateFile, keyFile } = certificate;
  const made = await runCommand(python, [script, caFile, certificateFile, keyFile], { timeoutSeconds: 60 });
  if (made.exitCode !== 0) {
    throw new LocalCloudError('The certificate for localhost could not be made.', { evidence: made.stderr });
  }
  return certificate;
}

/** Makes this process trust the local cloud, for every client that does not bring its own authorities. */
export async function trustAuthority(caFile: string): Promise<void> {
  const authority = await readFile(caFile, 'utf8');
  const trusted = getCACertificates('default');
  if (!trusted.includes(authority)) setDefaultCACertificates([...trusted, authority]);
}

async function isUsable(certificate: Certificate): Promise<boolean> {
  try {
    const pems = await Promise.all(
      [certificate.caFile, certificate.certificateFile].map((file) => readFile(file, 'utf8')),
    );
    await readFile(certificate.keyFile, 'utf8');
    return pems.every((pem) => isFresh(pem, new Date()));
  } catch {
    return false;
  }
}
