import type {
  RuleSubject,
  SubjectConsent,
  SubjectEvent,
  AttributeValue,
} from '../../domain/segments/subject';
import type { Touches } from '../../domain/segments/touches';
import { CHANNELS, type Channel } from '../../domain/shared/words';
import { arrayLiteral } from '../array-literal';
import type { Sql, Tx } from '../db';
import { FINGERPRINT_COLUMN } from '../fingerprint-column';

/** JSON and arrays: jsonb, with names and dates as text, takes twice as long to write and to read. */
type EventCells = readonly [
  type: string,
  atMs: number,
  valueCents: number | null,
  properties: SubjectEvent['properties'],
];

interface SubjectRow {
  readonly id: number;
  readonly area: string | null;
  readonly market: string;
  readonly locale: string;
  readonly attributes: Record<string, AttributeValue>;
  readonly derived: Record<string, AttributeValue>;
  readonly email_fp: boolean;
  readonly phone_fp: boolean;
  readonly postal_fp: boolean;
  readonly device: boolean;
  readonly events: readonly EventCells[] | null;
  readonly consents: SubjectConsent[] | null;
  readonly interests: Record<string, number> | null;
}

/**
 * What rules can read of people, by profile id, in one statement. Of events, only the types and the days that `touches`
 * names, back from `asOf` or from when the transaction began: who is judged a moment later misses none. Who stands for nobody any more (merged into another profile) is left out.
 */
export async function loadSubjects(
  sql: Sql | Tx,
  ids: readonly number[],
  touches: Pick<Touches, 'eventTypes' | 'consents' | 'interests' | 'reachable'>,
  asOf: Date | undefined,
): Promise<ReadonlyMap<number, RuleSubject>> {
  if (ids.length === 0) return new Map();
  const types = [...touches.eventTypes].map(([type, days]) => ({
    type,
    days: days === Infinity ? null : days,
  }));
  const rows = await sql<SubjectRow[]>`
    select p.id, p.area, p.market, p.locale, p.attributes, p.derived, p.email_fp is not null as email_fp,
      p.phone_fp is not null as phone_fp, p.postal_fp is not null as postal_fp,
      ${touches.reachable ? sql`exists (select from devices v where v.profile_id = p.id and v.revoked_at is null)` : sql`false`} as device,
      ${
        types.length === 0
          ? sql`null::json`
          : sql`(
        select json_agg(json_build_array(e.type, floor(extract(epoch from e.at) * 1000)::bigint, e.value_cents, e.properties))
        from jsonb_to_recordset(${JSON.stringify(types)}::text::jsonb) as w(type text, days float8)
        join events e on e.profile_id = p.id and e.type = w.type
          and (w.days is null or e.at > coalesce(${asOf ?? null}::timestamptz, now()) - w.days * interval '24 hours'))`
      } as events,
      ${
        touches.consents.size === 0
          ? sql`null::jsonb`
          : sql`(
        select jsonb_agg(jsonb_build_object('purpose', s.purpose, 'channel', s.channel, 'granted', s.granted, 'expiresAt', s.expires_at))
        from consent_state s where s.profile_id = p.id)`
      } as consents,
      ${
        touches.interests.size === 0
          ? sql`null::jsonb`
          : sql`(select jsonb_object_agg(n.category, n.weight) from interests n where n.profile_id = p.id)`
      } as interests
    from profiles p where p.id = any(array(select unnest(${arrayLiteral(ids)}::bigint[]))) and p.merged_into is null`;
  return new Map(rows.map((row) => [row.id, subjectOf(row)]));
}

const subjectOf = (row: SubjectRow): RuleSubject => ({
  area: row.area,
  market: row.market,
  locale: row.locale,
  attributes: row.attributes,
  derived: row.derived,
  events: (row.events ?? []).map(([type, atMs, valueCents, properties]) => ({
    type,
    atMs,
    valueCents,
    properties,
  })),
  consents: row.consents ?? [],
  interests: row.interests ?? {},
  reachable: CHANNELS.filter((channel) => reaches(row, channel)),
});

function reaches(row: SubjectRow, channel: Channel): boolean {
  const column = FINGERPRINT_COLUMN[channel];
  return column === null ? channel !== 'push' || row.device : row[column];
}
