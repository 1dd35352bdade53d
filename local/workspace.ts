import { join, resolve } from 'node:path';

/** The clone's root: the local cloud's own folder lies directly below it. */
export const repositoryDirectory = resolve(import.meta.dirname, '..');

/** Where one local cloud keeps everything that it makes; two workspaces never share a file but the venv. */
export interface Workspace {
  readonly directory: string;
  /** Python's virtual environment, shared by all workspaces of a clone: it depends on the clone alone. */
  readonly venvDirectory: string;
  readonly caFile: string;
  readonly certificateDirectory: string;
  readonly stateDirectory: string;
  readonly objectsDirectory: string;
  readonly runtimeDirectory: string;
  readonly logsDirectory: string;
  readonly emulatorLog: string;
  readonly assemblyDirectory: string;
  readonly tokensFile: string;
  readonly pidFile: string;
  readonly connectionFile: string;
}

/** The workspace of `npm start`. */
export const defaultWorkspaceDirectory = join(repositoryDirectory, '.perennial');

/** The paths of a workspace; nothing is made. */
export function workspaceAt(directory: string): Workspace {
  const root = resolve(directory);
  return {
    directory: root,
    venvDirectory: join(defaultWorkspaceDirectory, 'venv'),
    caFile: join(root, 'ca.pem'),
    certificateDirectory: join(root, 'certificate'),
    stateDirectory: join(root, 'state'),
    objectsDirectory: join(root, 'state', 'objects'),
    runtimeDirectory: join(root, 'runtime'),
    logsDirectory: join(root, 'logs'),
    emulatorLog: join(root, 'logs', 'emulator.log'),
    assemblyDirectory: join(root, 'assembly'),
    tokensFile: join(root, 'state', 'tokens.json'),
    pidFile: join(root, 'processes.json'),
    connectionFile: join(root, 'local.json'),
  };
}
