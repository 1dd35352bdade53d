import { approvalStateOf } from './model-policy.ts';
import type { ModelItem, ModelRecord, VersionItem } from './model-records.ts';
import type { ModelView, PolicyInput } from './shapes.ts';
import type { ModelVersionView } from './version-shapes.ts';

/** A model as the API shows it. */
export function toModelView({ value, revision }: ModelItem): ModelView {
  return {
    name: value.name,
    description: value.description,
    ...(value.task === undefined ? {} : { task: value.task }),
    tags: value.tags,
    aliases: value.aliases,
    latestVersion: value.lastVersion === 0 ? null : value.lastVersion,
    createdAt: value.createdAt,
    createdBy: value.createdBy,
    updatedAt: value.updatedAt,
    revision,
  };
}

/** A version as the API shows it. */
export function toVersionView(
  model: ModelRecord,
  { value, revision }: VersionItem,
  policy: PolicyInput,
): ModelVersionView {
  const { modelId: _, number, prefix: __, origin, decision, mlflow: ___, tolerance: ____, ...rest } = value;
  const { scoreRange: _____, ...shown } = rest;
  return {
    ...shown,
    model: model.name,
    version: number,
    reasons: [...value.reasons],
    aliases: aliasesOf(model, number),
    approval: {
      state: approvalStateOf(value, policy),
      ...(decision && {
        reason: decision.reason,
        decidedBy: decision.decidedBy,
        decidedAt: decision.decidedAt,
      }),
    },
    source: { kind: origin.kind, uri: origin.uri },
    revision,
  } as ModelVersionView;
}

export function aliasesOf(model: ModelRecord, version: number): string[] {
  return Object.keys(model.aliases)
    .filter((alias) => model.aliases[alias] === version)
    .sort();
}
