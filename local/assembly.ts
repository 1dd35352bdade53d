import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCdk } from './cdk.ts';
import { repositoryDirectory, type Workspace } from './workspace.ts';

/** A CDK app as its command line sees it. */
export interface CdkApp {
  /** Where its cdk.json lies. @default the repository */
  readonly directory?: string;
  /** CDK context, that is the installation's settings. */
  readonly context: Readonly<Record<string, string>>;
}

/** Bundling and checking take 10 to 20 s on two cores. */
const synthSeconds = 180;
/** Made or read by others than the app; node_modules is stood for by the lock file. */
const ignored = new Set(['node_modules', 'cdk.out', 'dist', 'coverage', 'test', 'docs', 'bench', 'local']);
/** Above this a file is known by its size and time: reading native libraries would take longer than synthesis. */
const maxHashedBytes = 2 * 1024 * 1024;

/**
 * Makes the templates and assets, unless they are there and no source has changed; nothing of them is local.
 *
 * @returns a digest of the assembly.
 */
export async function synthesize(workspace: Workspace, app: CdkApp): Promise<string> {
  const directory = app.directory ?? repositoryDirectory;
  const source = await sourceDigest(directory, app.context);
  const sourceFile = join(workspace.assemblyDirectory, 'source.sha256');
  if ((await readFile(sourceFile, 'utf8').catch(() => '')) !== source) {
    await rm(workspace.assemblyDirectory, { recursive: true, force: true });
    const context = Object.entries(app.context).flatMap(([key, value]) => ['--context', `${key}=${value}`]);
    const args = ['synth', '--quiet', '--output', workspace.assemblyDirectory, ...context];
    await runCdk(workspace, args, { seconds: synthSeconds, directory, environment: {} });
    await writeFile(sourceFile, source);
  }
  return assemblyDigest(workspace.assemblyDirectory);
}

/** Changes with every template and every asset: asset manifests name assets by their content. */
export async function assemblyDigest(directory: string): Promise<string> {
  const names = (await readdir(directory)).filter((name) => /\.(template|assets)\.json$/.test(name)).sort();
  const hash = createHash('sha256');
  for (const name of names) hash.update(name).update(await readFile(join(directory, name)));
  return hash.digest('hex');
}

/** Changes with whatever an app could read: its folder's files and its context. */
export async function sourceDigest(
  directory: string,
  context: Readonly<Record<string, string>>,
): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(context)).update(process.version);
  for await (const file of sourceFiles(directory)) {
    const { size, mtimeMs } = await stat(file);
    hash.update(file).update(size > maxHashedBytes ? `${size} ${mtimeMs}` : await readFile(file));
  }
  return hash.digest('hex');
}

async function* sourceFiles(directory: string): AsyncGenerator<string> {
  const entries = await readdir(directory, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (ignored.has(entry.name) || entry.name.startsWith('.')) continue;
    const path = join(directory, entry.name);
    if (entry.isDirectory()) yield* sourceFiles(path);
    else if (entry.isFile()) yield path;
  }
}
