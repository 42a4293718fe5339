import type { Sql } from './db';
import { grouped } from './grouped';

export interface AuditEntry {
  readonly principal: string;
  /** Method and pattern of the route: `POST /v1/campaigns/:id/pause`. */
  readonly action: string;
  readonly target: string | null;
  readonly status: number;
  readonly requestId: string;
  /** Ids and codes only. */
  readonly details: Readonly<Record<string, string | number | boolean>>;
}

export function createAuditStore(sql: Sql) {
  return {
    /** Kept once it answers; rows that come together share a commit. */
    append: grouped(async (entries: readonly AuditEntry[]): Promise<void[]> => {
      await sql`
        insert into audit_log (principal, action, target, status, request_id, details)
        select principal, action, target, status, "requestId", details
        from jsonb_to_recordset(${JSON.stringify(entries)}::text::jsonb)
          as x(principal text, action text, target text, status int, "requestId" text, details jsonb)`;
      return entries.map(() => undefined);
    }),

    /** Newest first; `before` is the id of the last entry of the page before. */
    async list(filter: { principal?: string; before?: number; limit: number }) {
      return sql<(AuditEntry & { id: number; at: Date })[]>`
        select id, at, principal, action, target, status, request_id as "requestId", details from audit_log
        where true
          ${filter.principal === undefined ? sql`` : sql`and principal = ${filter.principal}`}
          ${filter.before === undefined ? sql`` : sql`and id < ${filter.before}`}
        order by id desc limit ${filter.limit}`;
    },
  };
}

export type AuditStore = ReturnType<typeof createAuditStore>;
