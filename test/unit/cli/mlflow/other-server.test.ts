import { describe, expect, it } from 'vitest';
import { findOtherServer } from '../../../../cli/mlflow/other-server.ts';

const uri = 'https://mlflow.example.com';
const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;

describe("the other server's credentials", () => {
  it.each([
    ['none', uri, {}, {}, undefined],
    ['a flag', uri, { serverToken: 'f' }, { PERENNIAL_MLFLOW_TOKEN: 'e' }, 'Bearer f'],
    ['the environment', uri, {}, { PERENNIAL_MLFLOW_TOKEN: 'e' }, 'Bearer e'],
    ['user and password', uri, { serverUsername: 'u' }, { PERENNIAL_MLFLOW_PASSWORD: 'p' }, basic('u:p')],
    ['the address', 'https://u:p%40@mlflow.example.com', {}, {}, basic('u:p@')],
    [
      "MLflow's own variables of that server",
      uri,
      {},
      { MLFLOW_TRACKING_URI: `${uri}/`, MLFLOW_TRACKING_TOKEN: 't' },
      'Bearer t',
    ],
    [
      "not MLflow's variables of another server, which may be the platform",
      uri,
      {},
      { MLFLOW_TRACKING_URI: 'https://perennial.example.com', MLFLOW_TRACKING_TOKEN: 'prn_secret' },
      undefined,
    ],
    ["not MLflow's variables of no server", uri, {}, { MLFLOW_TRACKING_TOKEN: 'prn_secret' }, undefined],
  ])('come from: %s', (_name, address, flags, environment, authorization) => {
    const found = findOtherServer(address, flags, environment);

    expect(found.uri).toBe(uri);
    expect(found.authorization).toBe(authorization);
  });

  it.each(['./mlruns', 'sqlite:///mlflow.db', 'file:///mlruns'])('are not asked for %s', (address) => {
    const find = () => findOtherServer(address, {}, {});

    expect(find).toThrow(`'${address}' is not the address of an MLflow server`);
  });
});
