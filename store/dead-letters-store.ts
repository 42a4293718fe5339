import { createHash } from 'node:crypto';
import type { EventFault } from '../domain/events/check-event';
import type { Fault } from '../domain/shared/errors';
import { STORABLE } from '../domain/shared/text';
import type { Db, Sql } from './db';

/** An event that could not be used. */
export interface DeadLetter {
  readonly id: number;
  readonly eventId: string | null;
  readonly reason: string;
  readonly faults: readonly Fault[];
  /** As it came. */
  readonly body: unknown;
  readonly receivedAt: Date;
  readonly receivedBy: string;
  readonly replayedAt: Date | null;
}

export interface Refusal {
  readonly reason: EventFault;
  readonly faults: readonly Fault[];
}

export interface Refused extends Refusal {
  readonly body: unknown;
}

interface Row {
  readonly id: number;
  readonly event_id: string | null;
  readonly reason: string;
  readonly faults: Fault[];
  readonly body: string;
  readonly received_at: Date;
  readonly received_by: string;
  readonly replayed_at: Date | null;
}

const letter = (row: Row): DeadLetter => ({
  id: row.id,
  eventId: row.event_id,
  reason: row.reason,
  faults: row.faults,
  body: JSON.parse(row.body),
  receivedAt: row.received_at,
  receivedBy: row.received_by,
  replayedAt: row.replayed_at,
});

const idOf = (body: unknown): string | null =>
  typeof body === 'object' && body !== null && 'id' in body && typeof body.id === 'string' && isId(body.id)
    ? body.id
    : null;
const isId = (id: string): boolean => id.length > 0 && id.length <= 200 && STORABLE.test(id);

/** An event is known by its id, however often and with whatever else it comes; one that has none, by all of it. */
const digestOf = (eventId: string | null, body: string): string =>
  createHash('sha256')
    .update(eventId === null ? `body ${body}` : `id ${eventId}`)
    .digest('hex');

/** Names of unknown properties are in the faults, and can hold what PostgreSQL's JSON cannot. */
const storable = (faults: readonly Fault[]): Fault[] =>
  faults.map(({ path, message }) => ({ path: withoutStray(path), message: withoutStray(message) }));
const withoutStray = (text: string): string => text.replace(/[\u0000\p{Cs}]/gu, '\ufffd');

/** Events that could not be used, until they are mended and replayed. They name people: schema identity. */
export function createDeadLettersStore(db: Pick<Db, 'identity'>) {
  const sql = db.identity;
  /** Not replayed, and no event of this id has come since. */
  const open = sql`replayed_at is null and not exists (select from events e where e.id = event_id)`;

  return {
    /** What waits already is not kept twice: its latest form stays. */
    keep: (refused: readonly Refused[], by: string): Promise<void> => keepIn(sql, refused, by),

    /** Those that wait (or all), the oldest first; `after`: an id. */
    async list(given: {
      readonly reason?: string | undefined;
      readonly all?: boolean | undefined;
      readonly after: number;
      readonly limit: number;
    }): Promise<DeadLetter[]> {
      const rows = await sql<Row[]>`
        select * from identity.event_dead_letters
        where id > ${given.after} ${given.all === true ? sql`` : sql`and ${open}`}
          and (${given.reason ?? null}::text is null or reason = ${given.reason ?? null}::text)
        order by id limit ${given.limit}`;
      return rows.map(letter);
    },

    async waiting(ids: readonly number[]): Promise<DeadLetter[]> {
      const rows = await sql<Row[]>`
        select * from identity.event_dead_letters where id = any(${[...ids]}::bigint[]) and ${open} order by id`;
      return rows.map(letter);
    },

    /** What came of a replay: those that are in, and what is wrong now with those that are not. */
    async replayed(ids: readonly number[], still: ReadonlyMap<number, Refusal>): Promise<void> {
      const rows = [...still].map(([id, { reason, faults }]) => ({ id, reason, faults: storable(faults) }));
      await sql`
        with gone as (
          update identity.event_dead_letters set replayed_at = now()
          where id = any(${[...ids]}::bigint[]) and replayed_at is null
        )
        update identity.event_dead_letters l set reason = s.reason, faults = s.faults
        from json_to_recordset(${JSON.stringify(rows)}::text::json) as s(id bigint, reason text, faults jsonb)
        where l.id = s.id and l.replayed_at is null`;
    },

    /** Another form of it waits in its place, under its number; a letter of the same event makes way. */
    async replace(id: number, { body, reason, faults }: Refused, by: string): Promise<void> {
      const text = JSON.stringify(body);
      const eventId = idOf(body);
      const digest = digestOf(eventId, text);
      await sql.begin(async (tx) => {
        await tx`
          delete from identity.event_dead_letters
          where digest = ${digest} and id <> ${id} and replayed_at is null`;
        await tx`
          update identity.event_dead_letters
          set event_id = ${eventId}, reason = ${reason}, faults = ${JSON.stringify(storable(faults))}::text::jsonb,
            body = ${text}, digest = ${digest}, received_by = ${by}, received_at = now()
          where id = ${id}`;
      });
    },

    /** Answers whether it was there. */
    async remove(id: number): Promise<boolean> {
      return (await sql`delete from identity.event_dead_letters where id = ${id}`).count > 0;
    },
  };
}

export type DeadLettersStore = ReturnType<typeof createDeadLettersStore>;

async function keepIn(sql: Sql, refused: readonly Refused[], by: string): Promise<void> {
  if (refused.length === 0) return;
  const byDigest = new Map(
    refused.map(({ body, reason, faults }) => {
      const text = JSON.stringify(body);
      const eventId = idOf(body);
      const digest = digestOf(eventId, text);
      return [digest, { event_id: eventId, reason, faults: storable(faults), body: text, digest }];
    }),
  );
  await sql`
    insert into identity.event_dead_letters as l (event_id, reason, faults, body, digest, received_by)
    select event_id, reason, faults, body, digest, ${by}
    from json_to_recordset(${JSON.stringify([...byDigest.values()])}::text::json)
      as x(event_id text, reason text, faults jsonb, body text, digest text)
    order by digest
    on conflict (digest) where replayed_at is null do update
      set reason = excluded.reason, faults = excluded.faults, body = excluded.body`;
}
