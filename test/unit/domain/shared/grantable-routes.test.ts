import { describe, expect, it } from 'vitest';
import { ROUTES } from '../../../../domain/routes.ts';
import type { Route } from '../../../../domain/shared/route.ts';

const all: Route[] = Object.values(ROUTES).flatMap((table) => Object.values(table) as Route[]);

describe('routes that a permission may open', () => {
  it('are for scientists otherwise, and make nothing that nobody can have a permission on', () => {
    const opened = all.filter(({ grantable }) => grantable);

    expect(opened.length).toBeGreaterThan(40);
    expect(new Set(opened.map(({ role }) => role))).toEqual(new Set(['scientist']));
    const creations = ['createExperiment', 'createModel', 'registerModel', 'createRegisteredModel'];
    expect(opened.filter(({ operationId }) => creations.includes(operationId))).toEqual([]);
  });
});
