import type { Sql, Tx } from './db';

export interface EventRow {
  readonly id: string;
  readonly profileId: number;
  /** The identity it came with, where that one is merged into the profile. */
  readonly originalId?: number | null;
  readonly type: string;
  /** ISO 8601. */
  readonly at: string;
  readonly valueCents: number | null;
  readonly currency: string | null;
  readonly properties: Readonly<Record<string, string | number | boolean>>;
}

/** Inserts what is new by id; answers the ids that were. */
export async function appendEventRows(sql: Sql | Tx, events: readonly EventRow[]): Promise<Set<string>> {
  if (events.length === 0) return new Set();
  const rows = events.map((e) => ({
    id: e.id,
    profile_id: e.profileId,
    original_id: e.originalId ?? null,
    type: e.type,
    at: e.at,
    value_cents: e.valueCents,
    currency: e.currency,
    properties: e.properties,
  }));
  const inserted = await sql<{ id: string }[]>`
    insert into events (id, profile_id, original_id, type, at, value_cents, currency, properties)
    select id, profile_id, original_id, type, at, value_cents, currency, properties
    from json_to_recordset(${JSON.stringify(rows)}::text::json) as x(id text, profile_id bigint, original_id bigint, type text, at timestamptz,
      value_cents bigint, currency text, properties jsonb)
    order by id
    on conflict (id) do nothing
    returning id`;
  return new Set(inserted.map((r) => r.id));
}
