import { describe, expect, it } from 'vitest';
import { registryRoutes } from '../../../../domain/registry/contract.ts';
import { aliasName, newModelName, semver } from '../../../../domain/registry/shapes.ts';

describe('names', () => {
  it.each(['1.0.0', '1.2.3-rc.1', '10.0.0+build.5'])('take the label %s', (label) => {
    expect(semver.safeParse(label).success).toBe(true);
  });

  it.each(['1', 'v1.0.0', '1.0', '1.0.0-'])('refuse the label %s', (label) => {
    expect(semver.safeParse(label).success).toBe(false);
  });

  it.each(['latest', 'Latest', '3', 'v3', 'a b', ''])('refuse the alias %j', (alias) => {
    expect(aliasName.safeParse(alias).success).toBe(false);
  });

  it.each(['register', 'a/b', 'a:b', 'a?b', 'a#b', 'a%b'])('refuse the model name %s', (name) => {
    expect(newModelName.safeParse(name).success).toBe(false);
  });
});

describe('registryRoutes', () => {
  it('have their operation ids as keys', () => {
    for (const [key, route] of Object.entries(registryRoutes)) expect(route.operationId).toBe(key);
  });

  it('take numbers as text and lists as repeated parameters, as MLflow does', () => {
    const query = registryRoutes.searchRegisteredModels.query.parse({
      max_results: '5',
      order_by: 'name',
      x: 1,
    });
    const body = registryRoutes.transitionModelVersionStage.body.parse({
      name: 'm',
      version: '3',
      stage: 'None',
      archive_existing_versions: true,
    });

    expect(query).toMatchObject({ max_results: 5, order_by: ['name'] });
    expect(body).toMatchObject({ version: '3', archive_existing_versions: true });
  });
});
