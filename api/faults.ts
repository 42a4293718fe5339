import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { BoucleError, type Fault } from '../domain/shared/errors';
import { faultsOf, issueShape, MOST_FAULTS } from '../domain/shared/zod-faults';

/** Where each part of a request begins in the pointers of its faults; the body begins at the root. */
const PARTS: Readonly<Record<string, string>> = {
  querystring: '/query',
  params: '/path',
  headers: '/headers',
};

const paramsShape = z.object({
  keys: z.array(z.string()).exactOptional(),
  errors: z.array(z.array(issueShape)).exactOptional(),
});

/** The places at fault where the request did not fit its schema; null where the error is another one. */
export function schemaFaults(error: unknown): Fault[] | null {
  if (!hasZodFastifySchemaValidationErrors(error)) return null;
  const base = PARTS[error.validationContext ?? ''] ?? '';
  const faults = error.validation.flatMap((found) => {
    const path = found.instancePath === '/' ? [] : found.instancePath.split('/').slice(1);
    const params = paramsShape.safeParse(found.params);
    return faultsOf(
      { code: found.keyword, path, message: found.message ?? '', ...(params.data ?? {}) },
      base,
    );
  });
  return faults.slice(0, MOST_FAULTS);
}

/** The error with its places below another: whoever threw it saw a part of the body only. */
export function faultsUnder(base: string, error: unknown): unknown {
  if (!(error instanceof BoucleError)) return error;
  const faults = error.faults.map(({ path, message }) => ({ path: `${base}${path}`, message }));
  return new BoucleError(error.code, error.message, faults);
}
