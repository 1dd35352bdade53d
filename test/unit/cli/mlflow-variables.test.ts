import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { mlflowVariables, toExports } from '../../../cli/mlflow-variables.ts';

describe("MLflow's variables", () => {
  it('name the installation, and send files in parts that the API would not take', () => {
    const variables = mlflowVariables({ apiUrl: 'https://mlops.example', token: 'prn_x' });

    expect(variables).toEqual({
      MLFLOW_TRACKING_URI: 'https://mlops.example',
      MLFLOW_TRACKING_TOKEN: 'prn_x',
      MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD: 'true',
      MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE: '1048576',
    });
  });

  it('are lines that a shell evaluates, whatever is in them', () => {
    const lines = toExports({ A: "it's $HOME", B: 'x y' });

    const printed = execFileSync('sh', ['-c', `${lines}; printf '%s|%s' "$A" "$B"`]).toString();

    expect(printed).toBe("it's $HOME|x y");
  });
});
