import type { Sql } from './db';

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
    async append(entry: AuditEntry): Promise<void> {
      await sql`
        insert into audit_log (principal, action, target, status, request_id, details)
        values (${entry.principal}, ${entry.action}, ${entry.target}, ${entry.status}, ${entry.requestId}, ${sql.json(entry.details)})`;
    },

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
