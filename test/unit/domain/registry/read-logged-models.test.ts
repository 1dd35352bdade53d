import { describe, expect, it } from 'vitest';
import { createLoggedModelReader } from '../../../../domain/registry/read-logged-models.ts';

const model = {
  artifactUri: 'mlflow-artifacts:/1/models/m-1/artifacts',
  sourceRunId: 'r1',
  lifecycleStage: 'active' as const,
};
const read = (changes: Partial<typeof model> | { lifecycleStage: 'deleted' }) =>
  createLoggedModelReader({
    find: async () => ({ model: { ...model, ...changes }, revision: 1 }) as never,
  }).find('acme', 'm-1');

describe('createLoggedModelReader', () => {
  it('gives the place of the files and the run that logged them', async () => {
    expect(await read({})).toEqual({
      prefix: 'tenants/acme/experiments/1/models/m-1/artifacts/',
      artifactUri: model.artifactUri,
      runId: 'r1',
    });
  });

  it('knows no run of a model that none logged', async () => {
    expect(await read({ sourceRunId: '' })).toMatchObject({ runId: undefined });
  });

  it('does not find deleted or absent models', async () => {
    expect(await read({ lifecycleStage: 'deleted' })).toBeUndefined();
    expect(
      await createLoggedModelReader({ find: async () => undefined }).find('acme', 'm-1'),
    ).toBeUndefined();
  });
});
