import { z } from 'zod';

/** PostgreSQL's `int`: larger versions do not exist. */
const INT_MAX = 2_147_483_647;

export const keySchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and dashes');
export const versionSchema = z.coerce.number().int().min(1).max(INT_MAX);
export const idSchema = z.string().min(1).max(80);

export const idParams = z.object({ id: idSchema });
export const keyParams = z.object({ key: idSchema });

/** How many a page holds at most; the next page is asked for with `after` = `next` of this one. */
export const limitSchema = z.coerce.number().int().min(1).max(1_000).default(100);

/** One page: `next` is what `after` takes to go on, null at the end. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next: z.string().nullable() });

/** Cuts a page out of what was asked for with one more than the limit. */
export function toPage<T>(
  items: readonly T[],
  limit: number,
  cursorOf: (item: T) => string,
): { items: T[]; next: string | null } {
  const page = items.slice(0, limit);
  const last = page.at(-1);
  return { items: page, next: items.length > limit && last !== undefined ? cursorOf(last) : null };
}

export const faultSchema = z.object({
  path: z.string().describe('JSON pointer into the body; /query/… and /path/… for the other parts.'),
  message: z.string(),
});

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().describe('Stable; docs/errors.md lists them.'),
    faults: z.array(faultSchema).optional(),
    requestId: z.string(),
  })
  .describe('RFC 9457.');

export const countsByName = z.record(z.string(), z.number());
export const details = z.record(z.string(), z.unknown());
