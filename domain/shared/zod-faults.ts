import { z } from 'zod';
import type { Fault } from './errors';

export const MOST_FAULTS = 50;

/** What zod says of an issue, as far as the pointers need it. Errors of a union hang below it, branch by branch. */
export interface Issue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
  readonly errors?: readonly (readonly Issue[])[];
}

export const issueShape: z.ZodType<Issue> = z.lazy(() =>
  z.object({
    code: z.string().optional(),
    path: z.array(z.union([z.string(), z.number(), z.symbol()])),
    message: z.string(),
    keys: z.array(z.string()).exactOptional(),
    errors: z.array(z.array(issueShape)).exactOptional(),
  }),
);

/** The places at fault in a value that was parsed by hand. */
export function zodFaults(error: z.ZodError, base = ''): Fault[] {
  return error.issues.flatMap((issue) => faultsOf(issueShape.parse(issue), base)).slice(0, MOST_FAULTS);
}

/** Of one issue, below `base`. */
export function faultsOf(issue: Issue, base: string): Fault[] {
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
