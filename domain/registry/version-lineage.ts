import type { CallContext } from '../shared/call-context.ts';
import type { Store } from '../shared/store.ts';
import { getVersionItem, versionResource } from './model-records.ts';
import type { LineageAnswer } from './version-shapes.ts';

type Node = LineageAnswer['nodes'][number];

/** What a version was made from, as a graph whose nodes are named as in events. */
export async function getModelVersionLineage(
  store: Store,
  context: CallContext,
  { name, ref }: { name: string; ref: string | number },
): Promise<LineageAnswer> {
  const { version } = await getVersionItem(store, context.tenant, name, ref);
  const { number, lineage } = version.value;
  const self = versionResource(name, number);
  const links: { node: Node; relation: string }[] = [];
  const add = (kind: Node['kind'], resource: string, relation: string) =>
    links.push({ node: { kind, resource }, relation });

  if (lineage.runId !== undefined) add('run', `runs/${lineage.runId}`, 'made-by');
  if (lineage.loggedModelId !== undefined) {
    add('logged-model', `logged-models/${lineage.loggedModelId}`, 'copied-from');
  }
  if (lineage.trainingExecution !== undefined) {
    add('training-execution', `training-executions/${lineage.trainingExecution}`, 'made-by');
  }
  if (lineage.datasetVersion !== undefined) {
    const { dataset, version: datasetVersion } = lineage.datasetVersion;
    add('dataset-version', `datasets/${dataset}/versions/${datasetVersion}`, 'trained-on');
  }
  for (const { name: dataset, digest } of lineage.datasets ?? []) {
    add('dataset', `mlflow-datasets/${dataset}/${digest}`, 'trained-on');
  }
  if (lineage.codeCommit !== undefined) add('code', `commits/${lineage.codeCommit}`, 'built-from');
  if (lineage.champion !== undefined) {
    add('model-version', versionResource(name, lineage.champion), 'compared-with');
  }
  return {
    model: name,
    version: number,
    lineage,
    nodes: [{ kind: 'model-version', resource: self }, ...links.map(({ node }) => node)],
    edges: links.map(({ node, relation }) => ({ from: self, to: node.resource, relation })),
  };
}
