import type { Sql } from './db';

export interface StoredAnswer {
  readonly status: number;
  readonly body: string | null;
  readonly contentType: string | null;
}

export type Claim =
  | { readonly kind: 'claimed' }
  | { readonly kind: 'running' }
  | { readonly kind: 'mismatch' }
  | { readonly kind: 'answered'; readonly answer: StoredAnswer };

interface Row {
  same: boolean;
  status: number | null;
  body: string | null;
  content_type: string | null;
}

/**
 * Answers kept 24 hours by (principal, key). A claim is one insert that either takes the key or does not, so that of
 * two calls at once exactly one runs. A claim that was never answered belonged to a process that died: after five
 * minutes, longer than any route runs, it is taken over.
 */
export function createIdempotencyStore(sql: Sql) {
  return {
    async claim(principal: string, key: string, requestHash: Buffer): Promise<Claim> {
      const [taken] = await sql`
        insert into idempotency_keys as k (principal, key, request_hash) values (${principal}, ${key}, ${requestHash})
        on conflict (principal, key) do update
          set request_hash = excluded.request_hash, status = null, body = null, content_type = null, created_at = now()
          where k.created_at < now() - interval '24 hours'
            or (k.status is null and k.created_at < now() - interval '5 minutes')
        returning 1`;
      if (taken !== undefined) return { kind: 'claimed' };
      const [row] = await sql<Row[]>`
        select request_hash = ${requestHash} as same, status, body, content_type
        from idempotency_keys where principal = ${principal} and key = ${key}`;
      // Released between the two statements: the other call failed with a fault of ours, this one may be tried again.
      if (row === undefined) return { kind: 'running' };
      if (!row.same) return { kind: 'mismatch' };
      if (row.status === null) return { kind: 'running' };
      return {
        kind: 'answered',
        answer: { status: row.status, body: row.body, contentType: row.content_type },
      };
    },

    async complete(principal: string, key: string, answer: StoredAnswer): Promise<void> {
      await sql`
        update idempotency_keys set status = ${answer.status}, body = ${answer.body}, content_type = ${answer.contentType}
        where principal = ${principal} and key = ${key}`;
    },

    /** After a fault of ours: the same call may be made again. */
    async release(principal: string, key: string): Promise<void> {
      await sql`delete from idempotency_keys where principal = ${principal} and key = ${key} and status is null`;
    },

    /** Forgets what is older than 24 hours; answers how many. */
    async sweep(): Promise<number> {
      const rows =
        await sql`delete from idempotency_keys where created_at < now() - interval '24 hours' returning 1`;
      return rows.length;
    },
  };
}

export type IdempotencyStore = ReturnType<typeof createIdempotencyStore>;
