import fc from 'fast-check';

export type JsonSchema = Readonly<Record<string, unknown>>;

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const schemasAt = (schema: JsonSchema, key: string): JsonSchema[] => {
  const value = schema[key];
  return Array.isArray(value) ? value.filter(isSchema) : [];
};
const numberAt = (schema: JsonSchema, key: string, otherwise: number): number => {
  const value = schema[key];
  return typeof value === 'number' ? value : otherwise;
};

/** Anything JSON can say, strange characters included. */
export const anyJson = fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' });

/**
 * Values of a JSON Schema as zod writes them (draft 2020-12, the keywords it uses). `components` resolves references;
 * below `depth` a schema that refers to itself ends in anything.
 */
export function arbitraryOf(
  schema: JsonSchema,
  components: Readonly<Record<string, JsonSchema>>,
  depth = 6,
): fc.Arbitrary<unknown> {
  const of = (inner: JsonSchema): fc.Arbitrary<unknown> => arbitraryOf(inner, components, depth - 1);
  if (depth <= 0) return fc.constantFrom<unknown>(null, true, 0, 'x', { everyone: true });

  const { $ref } = schema;
  if (typeof $ref === 'string') {
    const target = components[$ref.split('/').at(-1) ?? ''];
    if (target === undefined) throw new Error(`no schema ${$ref}`);
    return of(target);
  }
  if ('const' in schema) return fc.constant(schema['const']);
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...schema['enum']);
  const branches = [...schemasAt(schema, 'anyOf'), ...schemasAt(schema, 'oneOf')];
  if (branches.length > 0) return fc.oneof(...branches.map(of));
  const all = schemasAt(schema, 'allOf');
  if (all.length > 0) return fc.tuple(...all.map(of)).map((parts) => Object.assign({}, ...parts));

  const { type } = schema;
  if (Array.isArray(type)) return fc.oneof(...type.map((one) => of({ ...schema, type: one })));
  switch (type) {
    case 'object':
      return objectOf(schema, of);
    case 'array': {
      const items = isSchema(schema['items']) ? of(schema['items']) : anyJson;
      const minLength = numberAt(schema, 'minItems', 0);
      return fc.array(items, {
        minLength,
        maxLength: Math.min(numberAt(schema, 'maxItems', 4), minLength + 3),
      });
    }
    case 'string':
      return stringOf(schema);
    case 'integer':
      return fc.oneof(
        fc.integer({
          min: numberAt(schema, 'minimum', -100),
          max: Math.min(numberAt(schema, 'maximum', 1_000), 2 ** 31 - 1),
        }),
        fc.constantFrom(
          numberAt(schema, 'minimum', Number.MIN_SAFE_INTEGER),
          numberAt(schema, 'maximum', Number.MAX_SAFE_INTEGER),
        ),
      );
    case 'number':
      return fc.oneof(
        fc.double({
          min: numberAt(schema, 'minimum', -1e9),
          max: numberAt(schema, 'maximum', 1e9),
          noNaN: true,
        }),
        fc.constantFrom(0, 1, 1e308, -1e308, 5e-324),
      );
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return anyJson;
  }
}

function objectOf(
  schema: JsonSchema,
  of: (inner: JsonSchema) => fc.Arbitrary<unknown>,
): fc.Arbitrary<unknown> {
  const properties = isSchema(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? schema['required'].map(String) : [];
  const model = Object.fromEntries(
    Object.entries(properties).flatMap(([name, inner]) => (isSchema(inner) ? [[name, of(inner)]] : [])),
  );
  const known = fc.record(model, { requiredKeys: required.filter((name) => Object.hasOwn(model, name)) });
  if (!isSchema(schema['additionalProperties'])) return known;
  const names = isSchema(schema['propertyNames'])
    ? of(schema['propertyNames']).map(String)
    : fc.string({ maxLength: 10 });
  return fc
    .tuple(known, fc.dictionary(names, of(schema['additionalProperties']), { maxKeys: 3 }))
    .map(([a, b]) => ({ ...b, ...a }));
}

function stringOf(schema: JsonSchema): fc.Arbitrary<string> {
  if (schema['format'] === 'date-time') {
    return fc
      .date({ min: new Date('1900-01-01'), max: new Date('2200-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString());
  }
  if (schema['format'] === 'uri') return fc.webUrl();
  const minLength = numberAt(schema, 'minLength', 0);
  const maxLength = Math.min(numberAt(schema, 'maxLength', 30), minLength + 30);
  const text = fc.string({ minLength, maxLength, unit: 'grapheme' });
  if (typeof schema['pattern'] !== 'string') return text;
  try {
    return fc.stringMatching(new RegExp(schema['pattern'], 'u'), { maxLength: 60 });
  } catch {
    // A pattern fast-check cannot make words for: any text, most of which is refused.
    return text;
  }
}
