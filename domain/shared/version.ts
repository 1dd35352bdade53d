/** Version of the platform, as package.json has it (a test compares the two). */
export const PRODUCT_VERSION = '0.1.0';
/** Version of stored items; readers take this one and the one before. */
export const SCHEMA_VERSION = 1;
/** The MLflow release whose REST API the platform speaks; `/version` answers it. */
export const MLFLOW_VERSION = '3.17.0';
