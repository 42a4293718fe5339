import type { FastifySchemaCompiler } from 'fastify';
import { validatorCompiler } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import type { ErrorCode } from '../domain/shared/error-catalogue';
import { BoucleError } from '../domain/shared/errors';
import { zodFaults } from '../domain/shared/zod-faults';

const documentedOnly = new WeakSet<object>();

/**
 * For a body whose faults have a code of their own (`segment-invalid`, `mapping-invalid`): the schema documents the
 * body, and the handler checks it with `parseAs`.
 */
export function checkedByRoute<T extends z.ZodType>(schema: T): T {
  documentedOnly.add(schema);
  return schema;
}

/** Every part of a request by its zod schema, but for the bodies that their routes check. */
export const requestValidator: FastifySchemaCompiler<z.ZodType> = (route) =>
  route.httpPart === 'body' && documentedOnly.has(route.schema)
    ? (value: unknown) => ({ value })
    : validatorCompiler(route);

/** The value by its schema, or the code with every place at fault. `base` is the pointer of the value in the body. */
export function parseAs<T extends z.ZodType>(
  code: ErrorCode,
  words: string,
  schema: T,
  value: unknown,
  base = '',
): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new BoucleError(code, words, zodFaults(parsed.error, base));
}
