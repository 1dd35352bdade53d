import type { CallContext } from '../../shared/call-context.ts';
import { mayUse, requirePermission } from '../../shared/permission.ts';
import { requireRole } from '../../shared/principal.ts';
import type { Store } from '../../shared/store.ts';
import { InvalidParameterError } from '../errors.ts';
import {
  type Experiment,
  getExperiment,
  guardExperiment,
  listExperiments,
} from '../experiments/experiment.ts';
import { checkArtifactPath, findProxiedPath, joinPath, toArtifactKey } from './artifact-path.ts';

export type ArtifactPermission = 'READ' | 'EDIT';

/** A path that was checked, and the key it stands for. */
export interface ArtifactPlace {
  readonly path: string;
  readonly key: string;
}

const EXPERIMENT_ID = /^\d+$/;
const PAGE = 1000;

/**
 * The one gate of all artifact routes. A path begins with the id of an experiment, which must be there, or lies in
 * the artifact location that an experiment was created with: the experiment's permissions decide. What lies in
 * neither is the tenant's own, for every caller with the role. The key begins with the caller's tenant, whatever the path says.
 *
 * @throws InvalidParameterError, ExperimentNotFoundError, ForbiddenError
 */
export async function requireArtifactAccess(
  store: Store,
  context: CallContext,
  path: string,
  permission: ArtifactPermission,
): Promise<ArtifactPlace> {
  const checked = checkArtifactPath(path);
  const [first = ''] = checked.split('/');
  if (EXPERIMENT_ID.test(first)) await getExperiment(store, context, first, permission);
  else await requireLocations(store, context, checked, permission);
  return { path: checked, key: toArtifactKey(context, checked) };
}

/**
 * The same gate for a file that is named by its run or logged model.
 *
 * @throws InvalidParameterError when the location is not behind this installation's artifact proxy
 */
export function requireLocationAccess(
  store: Store,
  context: CallContext,
  { artifactUri, path }: { readonly artifactUri: string; readonly path: string },
  permission: ArtifactPermission,
): Promise<ArtifactPlace> {
  const root = findProxiedPath(artifactUri);
  if (root !== undefined) {
    return requireArtifactAccess(store, context, joinPath(root, checkArtifactPath(path)), permission);
  }
  throw new InvalidParameterError(
    `The artifacts lie at '${artifactUri}', which this server has no access to; read them there.`,
  );
}

/** Which of the tenant's top folders the caller may know of: those of experiments that it may read, and others. */
export async function hideExperiments<T extends { readonly path: string }>(
  store: Store,
  context: CallContext,
  folders: readonly T[],
): Promise<T[]> {
  const visible = new Set<string>();
  for await (const experiment of eachExperiment(store, context.tenant)) {
    if (mayUse(context.principal, guardExperiment(experiment), 'READ')) visible.add(experiment.experimentId);
  }
  return folders.filter(({ path }) => !EXPERIMENT_ID.test(path) || visible.has(path));
}

/**
 * The experiment whose own location holds the path: of several the oldest, so that nobody gains access by creating
 * another one in its place. If none does, the role decides, and for a folder around locations these, too.
 */
async function requireLocations(
  store: Store,
  context: CallContext,
  path: string,
  permission: ArtifactPermission,
): Promise<void> {
  const below: Experiment[] = [];
  let holder: Experiment | undefined;
  for await (const experiment of eachExperiment(store, context.tenant)) {
    const root = findProxiedPath(experiment.artifactLocation)?.replace(/\/+$/, '');
    if (root === undefined || root === '') continue;
    if (`${root}/`.startsWith(`${path}/`)) below.push(experiment);
    if (`${path}/`.startsWith(`${root}/`) && isOlder(experiment, holder)) holder = experiment;
  }
  if (holder !== undefined) return requirePermission(context, guardExperiment(holder), permission);
  requireRole(context.principal, permission === 'READ' ? 'viewer' : 'scientist');
  for (const experiment of below) requirePermission(context, guardExperiment(experiment), permission);
}

function isOlder(experiment: Experiment, other: Experiment | undefined): boolean {
  return other === undefined || Number(experiment.experimentId) < Number(other.experimentId);
}

async function* eachExperiment(store: Store, tenant: string): AsyncIterable<Experiment> {
  let cursor: string | undefined;
  do {
    const page = await listExperiments(store, tenant, { limit: PAGE, cursor });
    for (const { value } of page.items) yield value;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}
