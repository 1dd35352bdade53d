import * as z from 'zod';

interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

/**
 * The least that a schema asks for: its required fields, with values of the right type and those given by name.
 * Refinements are unknown to it, so that a few inputs are refused all the same.
 */
export function makeUpInput(schema: z.ZodType, known: Readonly<Record<string, unknown>>): unknown {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Schema;
  return makeUp(json, known, json.$defs ?? {}, undefined);
}

function makeUp(
  schema: Schema,
  known: Readonly<Record<string, unknown>>,
  definitions: Readonly<Record<string, Schema>>,
  name: string | undefined,
): unknown {
  if (name !== undefined && name in known) return known[name];
  const inner = (one: Schema, field?: string) => makeUp(one, known, definitions, field);
  if (schema.$ref !== undefined) return inner(definitions[schema.$ref.split('/').at(-1)!] ?? {}, name);
  const [first] = schema.anyOf ?? schema.oneOf ?? schema.allOf ?? [];
  if (first !== undefined) return inner(first, name);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  const type = typeof schema.type === 'string' ? schema.type : schema.type?.[0];
  if (type === 'array') return Array.from({ length: schema.minItems ?? 0 }, () => inner(schema.items ?? {}));
  if (type === 'number' || type === 'integer') return Math.max(1, schema.minimum ?? 1);
  if (type === 'boolean') return true;
  if (type === 'object') {
    const fields = schema.required ?? [];
    return Object.fromEntries(fields.map((field) => [field, inner(schema.properties?.[field] ?? {}, field)]));
  }
  return type === undefined ? undefined : 'made-up';
}
