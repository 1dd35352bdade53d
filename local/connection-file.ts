import { readFile, rm, writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import type { TenantTokens } from './tokens.ts';
import { repositoryDirectory, type Workspace } from './workspace.ts';

/** What clients read to find a running local cloud (`.perennial/local.json`). */
export interface Connection {
  readonly apiUrl: string;
  readonly awsEndpointUrl: string;
  readonly caFile: string;
  readonly region: string;
  readonly platformToken: string;
  readonly tenants: Readonly<Record<string, TenantTokens>>;
}

/** The path as the connection file gives it: from the clone's root for what lies in it. */
export function portablePath(file: string): string {
  const path = relative(repositoryDirectory, file);
  return path.startsWith('..') ? file : path;
}

/** Written when the local cloud is ready, for its owner's eyes only. */
export async function writeConnection(workspace: Workspace, connection: Connection): Promise<void> {
  // An older file would keep its mode.
  await removeConnection(workspace);
  await writeFile(workspace.connectionFile, `${JSON.stringify(connection, null, 2)}\n`, { mode: 0o600 });
}

export async function removeConnection(workspace: Workspace): Promise<void> {
  await rm(workspace.connectionFile, { force: true });
}

export async function readConnection(workspace: Workspace): Promise<Connection | undefined> {
  const text = await readFile(workspace.connectionFile, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Connection);
}
