import {
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  getNamedType,
  getNullableType,
  isEnumType,
  isListType,
  isObjectType,
} from 'graphql';

/** MLflow's SQL store keeps an infinity as the largest double; a GraphQL Float has none. */
const LARGEST = Number.MAX_VALUE;

/** A field of one of MLflow's messages: the REST answer's value in GraphQL's form, or protobuf's default. */
export function resolveField(source: unknown, info: GraphQLResolveInfo): unknown {
  const name = info.fieldName.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const value = (source as Record<string, unknown> | null | undefined)?.[name];
  if (value === undefined || value === null) return defaultOf(info.returnType);
  const type = getNamedType(info.returnType).name;
  if (type === 'LongString') return String(value);
  return type === 'Float' ? toFloat(value) : value;
}

/** A message that was not set reads like an empty one; only MLflow's error is absent when there is none. */
function defaultOf(type: GraphQLOutputType): unknown {
  const bare = getNullableType(type);
  if (isListType(bare)) return [];
  if (isEnumType(bare)) return bare.getValues()[0]?.value;
  if (isObjectType(bare)) return bare.name === 'ApiError' ? null : {};
  const scalar = getNamedType(bare).name;
  return { String: '', LongString: '0', Boolean: false, Float: 0 }[scalar] ?? null;
}

/** MLflow's UI takes null for NaN. */
function toFloat(value: unknown): number | null {
  const number = Number(value);
  if (Number.isNaN(number)) return null;
  return Math.min(Math.max(number, -LARGEST), LARGEST);
}
