import type { Connection } from './connection.ts';

/** Small enough for every function of the API, however its bytes are escaped on the way. */
const MULTIPART_FROM_BYTES = 1024 ** 2;

/**
 * What MLflow's own client needs. Files from 1 MB on go to S3 in parts: the API takes 4 MB. Clients from 3.16 on
 * are told by the server that it takes parts; older ones by the variable.
 */
export function mlflowVariables({ apiUrl, token }: Connection): Record<string, string> {
  return {
    MLFLOW_TRACKING_URI: apiUrl,
    MLFLOW_TRACKING_TOKEN: token,
    MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD: 'true',
    MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE: String(MULTIPART_FROM_BYTES),
  };
}

/** As lines that a shell can evaluate. */
export function toExports(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'`)
    .join('\n');
}
