import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { BoucleError, type Fault } from '../domain/shared/errors';

/** Where each part of a request begins in the pointers of its faults; the body begins at the root. */
const PARTS: Readonly<Record<string, string>> = {
  querystring: '/query',
  params: '/path',
  headers: '/headers',
};

const MOST_FAULTS = 50;

/** What zod says of an issue, as far as the pointers need it. Errors of a union hang below it, branch by branch. */
interface Issue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
  readonly errors?: readonly (readonly Issue[])[];
}

const issueShape: z.ZodType<Issue> = z.lazy(() =>
  z.object({
    code: z.string().optional(),
    path: z.array(z.union([z.string(), z.number(), z.symbol()])),
    message: z.string(),
    keys: z.array(z.string()).exactOptional(),
    errors: z.array(z.array(issueShape)).exactOptional(),
  }),
);

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

/** The places at fault in a value that was parsed by hand. */
export function zodFaults(error: z.ZodError, base = ''): Fault[] {
  return error.issues.flatMap((issue) => faultsOf(issueShape.parse(issue), base)).slice(0, MOST_FAULTS);
}

/** The error with its places below another: whoever threw it saw a part of the body only. */
export function faultsUnder(base: string, error: unknown): unknown {
  if (!(error instanceof BoucleError)) return error;
  const faults = error.faults.map(({ path, message }) => ({ path: `${base}${path}`, message }));
  return new BoucleError(error.code, error.message, faults);
}

function faultsOf(issue: Issue, base: string): Fault[] {
  const path = base + pointer(issue.path);
  if (issue.code === 'unrecognized_keys') {
    return (issue.keys ?? []).map((key) => ({
      path: `${path}${pointer([key])}`,
      message: 'is not known here',
    }));
  }
  const nearest = nearestBranch(issue.errors ?? []);
  if (issue.code !== 'invalid_union' || nearest === null) return [{ path, message: issue.message }];
  return nearest.flatMap((inner) => faultsOf(inner, path));
}

/** Of the branches of a union the one the value came closest to: whose faults lie deepest, then with the fewest. */
function nearestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | null {
  const score = (issues: readonly Issue[]): number => Math.min(...issues.map(depth)) * 100 - issues.length;
  const [best] = branches.filter((issues) => issues.length > 0).toSorted((a, b) => score(b) - score(a));
  return best ?? null;
}

/** An unknown key at the top says that another branch was meant. */
const depth = (issue: Issue): number =>
  issue.code === 'unrecognized_keys' && issue.path.length === 0 ? -1 : issue.path.length;

const pointer = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
