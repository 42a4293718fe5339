import { expectedAfter, type Source } from '../domain/profiles/source';
import type { Sql, Tx } from './db';
import { toWebhooks } from './webhook-enqueue';

export interface SourceView {
  readonly key: string;
  readonly definition: Source;
  /** The last file or call that came from it; null: none since it was registered. */
  readonly lastAt: Date | null;
  /** null: it is in time. */
  readonly lateSince: Date | null;
  /** null: it has no rhythm. */
  readonly nextExpectedAt: Date | null;
  readonly updatedBy: string;
  readonly updatedAt: Date;
}

/** A feed that is late, and nobody in Slack knows of it. */
export interface LateFeed {
  readonly incidentId: string;
  readonly source: string;
  readonly owner: string;
  readonly lateSince: Date;
}

/** Which kind of incident a late feed is. */
const LATE = 'feed-late';

/** Where data of people comes from, and whether it does. */
export function createSourcesStore(sql: Sql) {
  const rows = (which = sql``): Promise<SourceRow[]> => sql<SourceRow[]>`
    select key, definition, last_at as "lastAt", late_since as "lateSince", updated_by as "updatedBy", updated_at as "updatedAt"
    from sources ${which} order by key`;
  const get = async (key: string): Promise<SourceView | null> => {
    const [row] = await rows(sql`where key = ${key}`);
    return row === undefined ? null : view(row);
  };
  return {
    get,
    list: async (): Promise<SourceView[]> => (await rows()).map(view),

    /** Its rhythm may be another: whether it is late is found anew. */
    put: async (key: string, definition: Source, by: string): Promise<SourceView> =>
      sql.begin(async (tx) => {
        const [row] = await tx<SourceRow[]>`
          insert into sources as s (key, definition, updated_by) values (${key}, ${JSON.stringify(definition)}::text::jsonb, ${by})
          on conflict (key) do update set definition = excluded.definition, late_since = null,
            updated_by = excluded.updated_by, updated_at = now()
          returning key, definition, last_at as "lastAt", late_since as "lateSince", updated_by as "updatedBy",
            updated_at as "updatedAt"`;
        if (row === undefined) throw new Error('a source was not written');
        await closeIncident(tx, key);
        return view(row);
      }),

    /** Answers whether it was there. What came from it stays. */
    remove: (key: string): Promise<boolean> =>
      sql.begin(async (tx) => {
        const { count } = await tx`delete from sources where key = ${key}`;
        if (count > 0) await closeIncident(tx, key);
        return count > 0;
      }),

    /** Opens an incident for each feed that has become late. Answers how many. */
    markLate: async (now: Date): Promise<number> => {
      let opened = 0;
      for (const row of await rows(sql`where late_since is null`)) {
        const expected = expectedAfter(row.definition, row.lastAt ?? row.updatedAt);
        if (expected === null || expected.lateAt > now) continue;
        opened += await openIncident(sql, row, expected.expectedAt);
      }
      return opened;
    },

    /** Late feeds Slack has not heard of. */
    untold: async (): Promise<LateFeed[]> => [
      ...(await sql<LateFeed[]>`
        select i.id as "incidentId", s.key as source, s.definition ->> 'owner' as owner, s.late_since as "lateSince"
        from incidents i join sources s on s.key = i.details ->> 'source'
        where i.kind = ${LATE} and i.closed_at is null and not i.details ? 'told' and s.late_since is not null
        order by i.at, i.id`),
    ],

    /** `slackTs` null: there is no Slack, or it will not hear of it. */
    told: async (incidentId: string, slackTs: string | null): Promise<void> => {
      await sql`
        update incidents set slack_ts = ${slackTs}, details = details || '{"told": true}' where id = ${incidentId}`;
    },
  };
}

export type SourcesStore = ReturnType<typeof createSourcesStore>;

/** Calls may come by the hundred a second: the moment of the last is known to this. */
const NOTED_EVERY_SECONDS = 10;

/** A file or call has come from a source: it is not late any more. One that nobody registered is not noted. */
export async function noteArrival(sql: Sql | Tx, key: string): Promise<void> {
  const noted = await sql<{ was_late: boolean }[]>`
    update sources s set last_at = clock_timestamp(), late_since = null
    from (select key, late_since is not null as was_late from sources where key = ${key}) before
    where s.key = before.key and (s.late_since is not null
      or s.last_at is null or s.last_at < clock_timestamp() - make_interval(secs => ${NOTED_EVERY_SECONDS}))
    returning before.was_late`;
  if (noted.some((row) => row.was_late)) await closeIncident(sql, key);
}

type SourceRow = Omit<SourceView, 'nextExpectedAt'>;

function view(row: SourceRow): SourceView {
  const expected = expectedAfter(row.definition, row.lastAt ?? row.updatedAt);
  return { ...row, nextExpectedAt: expected?.expectedAt ?? null };
}

/** The driver's moments have milliseconds, the database's microseconds. */
const afterwards = (at: Date): Date => new Date(at.getTime() + 1);

/** One per lateness: who is late since the same moment is late once. Nothing, where something has come meanwhile. */
async function openIncident(sql: Sql, source: SourceRow, since: Date): Promise<number> {
  const [row] = await sql<{ opened: number }[]>`
    with late as (
      update sources set late_since = ${since}
      where key = ${source.key} and late_since is null and updated_at < ${afterwards(source.updatedAt)}
        and coalesce(last_at < ${source.lastAt === null ? null : afterwards(source.lastAt)}::timestamptz, last_at is null)
      returning key
    ), opened as (
      insert into incidents (id, kind, message, details)
      select 'source.' || key || '.' || ${since.getTime()}::bigint, ${LATE}, 'A feed is late.', jsonb_build_object('source', key)
      from late
      on conflict (id) do update set closed_at = null
      returning *
    ), told as (
      select 'incident.opened:' || id as event_id, jsonb_build_object('incidentId', id, 'kind', kind,
        'source', details ->> 'source', 'message', message, 'openedAt', at) as payload
      from opened
    ), outbox as (${toWebhooks(sql, 'incident.opened')})
    select count(*) as opened from opened`;
  return row?.opened ?? 0;
}

async function closeIncident(sql: Sql | Tx, key: string): Promise<void> {
  await sql`
    update incidents set closed_at = clock_timestamp()
    where kind = ${LATE} and details ->> 'source' = ${key} and closed_at is null`;
}
