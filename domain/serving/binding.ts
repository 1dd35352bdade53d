import type { ColumnType, ParamSpec } from '../shared/signature.ts';
import type { CellReader } from './cell.ts';
import type { TensorType } from './tensor.ts';

/** A graph input that requests fill: `width` columns a row. */
export interface BoundInput {
  readonly name: string;
  readonly type: TensorType;
  readonly width: number;
  /** Whether the graph wants [N] instead of [N, width]. */
  readonly flat: boolean;
}

/** How many rows a graph takes at once: any number, when both are undefined. */
export interface RowLimit {
  /** Exactly so many a request: the first dimension is fixed, and not the same in all inputs and outputs. */
  readonly fixed?: number;
  /** So many a run, since it was exported for a fixed batch; requests may have any number. */
  readonly batch?: number;
}

/** A column of the signature and where its values go. */
export interface BoundColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly required: boolean;
  readonly reader: CellReader;
  /** Index of its graph input. */
  readonly input: number;
  /** Its place among that input's columns. */
  readonly offset: number;
  readonly tensorType: TensorType;
}

/** Rows of named columns, into one matrix or one tensor a column. */
export interface ColumnBinding {
  readonly kind: 'columns';
  readonly columns: readonly BoundColumn[];
  readonly indexOf: ReadonlyMap<string, number>;
  readonly inputs: readonly BoundInput[];
  /** Whether columns went to several inputs in the signature's order, since no names told. */
  readonly byOrder: boolean;
  /** One float matrix of float columns whose missing values are NaN: what the fast readers are for. */
  readonly isFloatMatrix: boolean;
  /** Whether columns that the model does not have are left out, and not refused. */
  readonly ignoresUnknown: boolean;
  readonly params: readonly BoundParam[];
  readonly rows: RowLimit;
}

export interface BoundTensor {
  readonly name: string;
  readonly input: string;
  readonly type: TensorType;
  readonly shape: readonly number[];
  readonly reader: CellReader;
  /** Whether data of this very type needs no look at each value. */
  readonly takesAsIs: boolean;
}

/** Tensors by name, or one without. */
export interface TensorBinding {
  readonly kind: 'tensors';
  readonly tensors: readonly BoundTensor[];
  readonly ignoresUnknown: boolean;
  readonly params: readonly BoundParam[];
  readonly rows: RowLimit;
}

export interface BoundParam {
  readonly spec: ParamSpec;
  readonly type: TensorType;
  readonly reader: CellReader;
  readonly rank: number;
}

export type Binding = ColumnBinding | TensorBinding;
