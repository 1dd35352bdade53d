import { readdir, readFile, readlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { runCommand } from './commands.ts';
import { LocalCloudError } from './errors.ts';

/** A port the local cloud listens on, and the variable that moves it. */
export interface PortSetting {
  readonly port: number;
  readonly variable: string;
  readonly purpose: string;
}

/** Reads a port from the environment. @throws LocalCloudError when it is not a port. */
export function readPort(variable: string, fallback: number, environment: NodeJS.ProcessEnv): number {
  const value = environment[variable];
  if (value === undefined || value === '') return fallback;
  const port = Number(value);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new LocalCloudError(`${variable} is '${value}', which is not a port: give a number from 1 to 65535.`);
}

/** @throws LocalCloudError naming the port, its owner if it can be seen, and the variable that moves it. */
export async function assertPortFree(setting: PortSetting): Promise<void> {
  if (await isPortFree(setting.port)) return;
  const owner = await findPortOwner(setting.port);
  const by = owner === undefined ? 'another process' : `process ${owner.pid} (${owner.command})`;
  throw new LocalCloudError(
    `Port ${setting.port}, wanted for the ${setting.purpose}, is taken by ${by}. ` +
      `Stop it, or choose another port with ${setting.variable}.`,
  );
}

export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1' }, () => server.close(() => resolve(true)));
  });
}

export interface PortOwner {
  readonly pid: number;
  readonly command: string;
}

/** Who listens on a port: from /proc on Linux, from `lsof` elsewhere; undefined when it cannot be seen. */
export async function findPortOwner(port: number): Promise<PortOwner | undefined> {
  const sockets = await listeningSockets(port);
  const owner = sockets.length > 0 ? await findSocketOwner(new Set(sockets)) : undefined;
  if (owner !== undefined) return owner;
  const lsof = await runCommand('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'], {
    timeoutSeconds: 5,
  });
  return lsof.exitCode === 0 ? parseLsof(lsof.stdout) : undefined;
}

/** State of a listening socket in /proc/net/tcp (include/net/tcp_states.h, TCP_LISTEN). */
const listening = '0A';

/** The socket inodes that listen on a port, from the text of /proc/net/tcp or tcp6. */
export function parseListeningSockets(table: string, port: number): string[] {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(`:${hexPort}`) === true && fields[3] === listening)
    .map((fields) => fields[9] ?? '')
    .filter((inode) => inode !== '');
}

/** Reads `lsof -Fpc`: lines `p<pid>` and `c<command>`. */
export function parseLsof(output: string): PortOwner | undefined {
  const pid = /^p(\d+)$/m.exec(output)?.[1];
  const command = /^c(.+)$/m.exec(output)?.[1];
  return pid === undefined ? undefined : { pid: Number(pid), command: command ?? 'unknown' };
}

async function listeningSockets(port: number): Promise<string[]> {
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'].map((file) => readFile(file, 'utf8').catch(() => ''));
  return (await Promise.all(tables)).flatMap((table) => parseListeningSockets(table, port));
}

async function findSocketOwner(inodes: ReadonlySet<string>): Promise<PortOwner | undefined> {
  const pids = (await readdir('/proc').catch(() => [])).filter((entry) => /^\d+$/.test(entry));
  for (const pid of pids) {
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const descriptor of descriptors) {
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      if (inode === undefined || !inodes.has(inode)) continue;
      const command = (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => 'unknown')).trim();
      return { pid: Number(pid), command };
    }
  }
  return undefined;
}
