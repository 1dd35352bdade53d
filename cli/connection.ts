import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { UsageError } from './errors.ts';

export interface ConnectionFlags {
  readonly apiUrl?: string | undefined;
  readonly token?: string | undefined;
  readonly profile?: string | undefined;
}

export interface Connection {
  readonly apiUrl: string;
  readonly token: string;
}

/** What `npx perennial login` keeps, by profile name. */
export type Profiles = Readonly<Record<string, Connection>>;

interface LocalCloud {
  readonly apiUrl: string;
  readonly caFile?: string;
  readonly tenants: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Where profiles are kept, readable by their owner only. */
export function profilesFile(): string {
  const home = process.env.XDG_CONFIG_HOME ?? join(homedir(), '.config');
  return join(home, 'perennial', 'profiles.json');
}

export function readProfiles(): Profiles {
  const file = profilesFile();
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Profiles) : {};
}

/** Flags, then the environment, then the profile, then the local cloud that runs in this clone. */
export function findConnection(flags: ConnectionFlags): Connection {
  const apiUrl = flags.apiUrl ?? process.env.PERENNIAL_API_URL;
  const token = flags.token ?? process.env.PERENNIAL_TOKEN;
  if (apiUrl !== undefined && token !== undefined) return { apiUrl, token };
  const known = findProfile(flags.profile ?? process.env.PERENNIAL_PROFILE) ?? findLocalCloud();
  if (known !== undefined) return { apiUrl: apiUrl ?? known.apiUrl, token: token ?? known.token };
  throw new UsageError(
    'No installation is known: start the local cloud (npm start), log in (npx perennial login), or set PERENNIAL_API_URL and PERENNIAL_TOKEN.',
  );
}

function findProfile(name: string | undefined): Connection | undefined {
  const profiles = readProfiles();
  if (name === undefined) return profiles.default;
  const profile = profiles[name];
  if (profile === undefined)
    throw new UsageError(`No profile '${name}'; npx perennial login --profile ${name} makes it.`);
  return profile;
}

function findLocalCloud(): Connection | undefined {
  const file = findUpwards('.perennial/local.json');
  if (file === undefined) return undefined;
  const cloud = JSON.parse(readFileSync(file, 'utf8')) as LocalCloud;
  const token = cloud.tenants.default?.admin;
  return token === undefined ? undefined : { apiUrl: cloud.apiUrl, token };
}

/**
 * Makes this process trust the certificate of the local cloud, whose presigned addresses are https, when that is
 * where it is going to connect.
 */
export function trustLocalCloud({ apiUrl }: Connection): void {
  const file = findUpwards('.perennial/local.json');
  if (file === undefined) return;
  const cloud = JSON.parse(readFileSync(file, 'utf8')) as LocalCloud;
  if (cloud.apiUrl !== apiUrl || cloud.caFile === undefined) return;
  const certificate = readFileSync(resolve(dirname(file), '..', cloud.caFile), 'utf8');
  setDefaultCACertificates([...getCACertificates('default'), certificate]);
}

/** The platform token of the local cloud, for the commands that make tenants. */
export function findLocalPlatformToken(): string | undefined {
  const file = findUpwards('.perennial/local.json');
  return file && (JSON.parse(readFileSync(file, 'utf8')) as { platformToken?: string }).platformToken;
}

function findUpwards(path: string): string | undefined {
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    if (existsSync(join(folder, path))) return join(folder, path);
    if (folder === dirname(folder)) return undefined;
  }
}
