/** MLflow's JSON, as far as a move reads it. Servers omit what is empty. */
export interface Tag {
  readonly key: string;
  readonly value: string;
}

export interface MlflowExperiment {
  readonly experiment_id: string;
  readonly name: string;
  readonly artifact_location?: string;
  readonly lifecycle_stage: 'active' | 'deleted';
  readonly tags?: readonly Tag[];
}

/** `value` is a text for NaN and infinities. */
export interface MlflowMetric {
  readonly key: string;
  readonly value: number | string;
  readonly timestamp: number;
  readonly step?: number;
  readonly run_id?: string;
  readonly model_id?: string;
  readonly dataset_name?: string;
  readonly dataset_digest?: string;
}

export interface DatasetInput {
  readonly tags?: readonly Tag[];
  readonly dataset: Readonly<Record<string, string>>;
}

export interface MlflowRun {
  readonly info: {
    readonly run_id: string;
    readonly run_name?: string;
    readonly experiment_id: string;
    readonly user_id?: string;
    readonly status: string;
    readonly start_time?: number;
    readonly end_time?: number;
    readonly artifact_uri: string;
    readonly lifecycle_stage: 'active' | 'deleted';
  };
  readonly data: {
    readonly metrics?: readonly MlflowMetric[];
    readonly params?: readonly Tag[];
    readonly tags?: readonly Tag[];
  };
  readonly inputs?: {
    readonly dataset_inputs?: readonly DatasetInput[];
    readonly model_inputs?: readonly { readonly model_id: string }[];
  };
  readonly outputs?: {
    readonly model_outputs?: readonly { readonly model_id: string; readonly step?: number }[];
  };
}

export interface LoggedModel {
  readonly info: {
    readonly model_id: string;
    readonly experiment_id: string;
    readonly name: string;
    readonly artifact_uri: string;
    readonly status: string | number;
    readonly model_type?: string;
    readonly source_run_id?: string;
    readonly tags?: readonly Tag[];
  };
  readonly data?: {
    readonly params?: readonly Tag[];
    readonly metrics?: readonly MlflowMetric[];
  };
}

export interface RegisteredModel {
  readonly name: string;
  readonly description?: string;
  readonly tags?: readonly Tag[];
  readonly aliases?: readonly { readonly alias: string; readonly version: string }[];
}

export interface ModelVersion {
  readonly name: string;
  readonly version: string;
  readonly source?: string;
  readonly run_id?: string;
  readonly run_link?: string;
  readonly model_id?: string;
  readonly description?: string;
  readonly current_stage?: string;
  readonly status?: string;
  readonly status_message?: string;
  readonly tags?: readonly Tag[];
}

export interface FileInfo {
  readonly path: string;
  readonly is_dir: boolean;
  readonly file_size?: number;
}
