import type { EndpointReader } from '../../domain/deployment/ports.ts';
import type { VersionShape } from '../../domain/monitoring/minute-window.ts';
import type { VersionShapes } from '../../domain/monitoring/ports.ts';
import type { ArtifactStorage, RegistryReader } from '../../domain/registry/ports.ts';
import type { CapturedEndpoint } from '../../domain/shared/capture-layout.ts';
import type { Profile } from '../../domain/shared/profile/profile.ts';

export interface VersionShapeDependencies {
  readonly endpoints: EndpointReader;
  readonly registry: RegistryReader;
  readonly artifacts: ArtifactStorage;
}

/** Column names and baseline of versions. Versions never change, so an environment reads each once. */
export function createVersionShapes(deps: VersionShapeDependencies): VersionShapes {
  const known = new Map<string, VersionShape>();
  return {
    find: async (endpoint, version) => {
      const key = `${endpoint.tenant}/${endpoint.endpoint}/${version}`;
      const shape = known.get(key) ?? (await findShape(deps, endpoint, version));
      if (shape !== undefined) known.set(key, shape);
      return shape;
    },
  };
}

async function findShape(
  { endpoints, registry, artifacts }: VersionShapeDependencies,
  { tenant, endpoint }: CapturedEndpoint,
  number: number,
): Promise<VersionShape | undefined> {
  const served = await endpoints.find(tenant, endpoint);
  const version = served && (await registry.findVersion(tenant, served.model, number));
  if (served === undefined || version === undefined) return undefined;
  const profile = version.hasProfile
    ? await artifacts.read(`${version.artifactPrefix}profile.json`)
    : undefined;
  return {
    model: served.model,
    columns: columnsOf(version.signature),
    profile: profile && (JSON.parse(Buffer.from(profile).toString()) as Profile),
    scoreRange: version.scoreRange,
  };
}

function columnsOf(signature: Readonly<Record<string, unknown>> | undefined): string[] {
  const inputs = typeof signature?.inputs === 'string' ? JSON.parse(signature.inputs) : signature?.inputs;
  if (!Array.isArray(inputs)) return [];
  return inputs.map((input: { name?: string }, i) => input.name ?? `column${i}`);
}
