import type { Handlers } from '../../../adapters/lambda/api.ts';
import { setModelVersionStage } from '../../../domain/registry/change-stage.ts';
import type { versionRoutes } from '../../../domain/registry/contract.ts';
import { createUpload } from '../../../domain/registry/create-upload.ts';
import { decideApproval, listApprovals } from '../../../domain/registry/decide-approval.ts';
import {
  deleteModelVersion,
  getModelVersion,
  listModelVersions,
  updateModelVersion,
} from '../../../domain/registry/manage-versions.ts';
import { getPolicyOf } from '../../../domain/registry/model-policy.ts';
import {
  type RegisterDeps,
  registerModel,
  registerModelVersion,
} from '../../../domain/registry/register-model-version.ts';
import {
  listModelVersionFiles,
  type VerifyDeps,
  verifyModelVersion,
} from '../../../domain/registry/verify-model-version.ts';
import { getModelVersionLineage } from '../../../domain/registry/version-lineage.ts';
import type { ModelVersionView } from '../../../domain/registry/version-shapes.ts';
import { toVersionView } from '../../../domain/registry/views.ts';

interface Named {
  readonly name: string;
  readonly v: string;
}

/** Uploads, versions, stages, approvals, and what vouches for a version. */
export function makeVersionHandlers(deps: RegisterDeps & VerifyDeps): Handlers<typeof versionRoutes> {
  const { store } = deps;
  return {
    createUpload: async ({ context, params, body }) => ({
      body: await createUpload(deps, context, params.name, body),
    }),
    listModelVersions: async ({ context, params, query }) => ({
      body: await listModelVersions(store, context, params.name, query),
    }),
    getModelMetrics: async ({ context, params, query }) => {
      const page = await listModelVersions(store, context, params.name, query);
      const items = page.items.map(({ version, stage, metrics }) => ({ version, stage, metrics }));
      return { body: { ...page, items } };
    },
    registerModelVersion: async ({ context, params, body }) =>
      answer(await registerModelVersion(deps, context, params.name, body)),
    registerModel: async ({ context, body }) => {
      const made = await registerModel(deps, context, body);
      if ('version' in made) return answer(made.version);
      return { body: made.model, revision: made.model.revision, status: 201 };
    },
    getModelVersion: async ({ context, params }) =>
      answer(await getModelVersion(store, context, toRef(params))),
    updateModelVersion: async ({ context, params, body, ifMatch }) => {
      const { model, version } = await updateModelVersion(store, context, toRef(params), body, ifMatch);
      const policy = await getPolicyOf(store, context.tenant, model.value.id);
      return answer(toVersionView(model.value, version, policy));
    },
    deleteModelVersion: async ({ context, params, ifMatch }) => {
      await deleteModelVersion(store, context, toRef(params), { ifMatch });
      return {};
    },
    setModelVersionStage: async ({ context, params, body, ifMatch }) => {
      const moved = await setModelVersionStage(store, context, toRef(params), { ...body, ifMatch });
      return answer(toVersionView(moved.model.value, moved.version, moved.policy));
    },
    promoteModelVersion: async ({ context, params, body }) => {
      const { version: ref, ...move } = body;
      const moved = await setModelVersionStage(store, context, { name: params.name, ref }, move);
      return answer(toVersionView(moved.model.value, moved.version, moved.policy));
    },
    listApprovals: async ({ context, params, query }) => ({
      body: await listApprovals(store, context, toRef(params), query),
    }),
    decideApproval: async ({ context, params, body }) => ({
      body: await decideApproval(store, context, toRef(params), body),
    }),
    verifyModelVersion: async ({ context, params }) => ({
      body: await verifyModelVersion(deps, context, toRef(params)),
    }),
    listModelVersionFiles: async ({ context, params }) => ({
      body: await listModelVersionFiles(deps, context, toRef(params)),
    }),
    getModelVersionLineage: async ({ context, params }) => ({
      body: await getModelVersionLineage(store, context, toRef(params)),
    }),
  };
}

function toRef({ name, v }: Named) {
  return { name, ref: v };
}

function answer(version: ModelVersionView) {
  return { body: version, revision: version.revision };
}
