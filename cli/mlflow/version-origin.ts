import type { IdMap } from './id-map.ts';
import type { ModelVersion } from './wire.ts';

/** What `model-versions/create` takes about where a version comes from. */
export interface VersionOrigin {
  readonly source: string;
  readonly run_id?: string;
  readonly model_id?: string;
  readonly isLast: boolean;
}

/**
 * The ways to say where a version comes from, the most complete first. MLflow 2 took a run for any source; 3
 * wants the owner of the files and nothing else beside it.
 */
export function listOrigins(ids: IdMap, version: ModelVersion): VersionOrigin[] {
  const source = ids.rewrite(version.source ?? '');
  const run = toField('run_id', ids.find(version.run_id)?.to ?? version.run_id);
  const model = toField('model_id', ids.find(version.model_id)?.to ?? version.model_id);
  const owner = ids.findIn(version.source ?? '');
  const ownerField =
    owner === undefined ? {} : toField(owner.to.startsWith('m-') ? 'model_id' : 'run_id', owner.to);
  const ways = [{ ...run, ...model }, { ...run, ...ownerField }, ownerField, run, {}];
  const distinct = [...new Map(ways.map((way) => [JSON.stringify(way), way])).values()];
  return distinct.map((way, i) => ({ source, ...way, isLast: i === distinct.length - 1 }));
}

function toField(
  name: 'run_id' | 'model_id',
  id: string | undefined,
): { run_id?: string; model_id?: string } {
  return id === undefined || id === '' ? {} : { [name]: id };
}
