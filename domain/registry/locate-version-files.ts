import type { CallContext } from '../shared/call-context.ts';
import type { Store } from '../shared/store.ts';
import { checkMlflowVersion, inMlflowWords } from './mlflow-words.ts';
import { guardModelCall } from './model-permissions.ts';
import { getVersionItem } from './model-records.ts';

export interface VersionFiles {
  /** Of the version's own copies, once it was checked. */
  readonly prefix: string;
  /** Where MLflow's clients download it from. */
  readonly artifactUri: string;
}

/**
 * Where the files of a version lie, for MLflow's UI.
 *
 * @throws MlflowNotFoundError, ForbiddenError
 */
export async function locateVersionFiles(
  store: Store,
  context: CallContext,
  named: { readonly name: string; readonly version: string },
): Promise<VersionFiles> {
  await guardModelCall(store, context, named.name, 'READ');
  return inMlflowWords(named, async () => {
    const number = checkMlflowVersion(named.version);
    const { version } = await getVersionItem(store, context.tenant, named.name, number);
    const { prefix, origin, mlflow } = version.value;
    return { prefix, artifactUri: mlflow?.downloadUri ?? origin.uri };
  });
}
