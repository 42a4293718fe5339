import { MESSAGE_EVENTS } from '../../domain/delivery/message-events';
import { natureRule } from '../../domain/delivery/nature-rules';
import type { NatureFacts } from '../../domain/frequency/cap-proposals';
import { NATURES, type Nature } from '../../domain/shared/words';
import type { Sql, Tx } from '../db';

/** A refusal is put down to the last contact before it, if that is no older. */
const REFUSAL_DAYS = 7;
/** Higher doses are counted together: few people have them. */
const HIGHEST_DOSE = 6;

/** What happened with each nature since, in rolling windows of `windowDays`. */
export async function natureFacts(
  sql: Sql | Tx,
  input: { readonly since: Date; readonly market: string; readonly windowDays: number },
): Promise<NatureFacts[]> {
  const purposes = NATURES.map((nature) => ({
    nature,
    purpose: natureRule(nature).consent?.purpose ?? null,
  }));
  const { since, market } = input;
  const span = sql`make_interval(secs => ${input.windowDays * 86_400} - 0.000001)`;
  const [row] = await sql<{ people: PeopleRow[] | null; doses: DoseRow[] | null }[]>`
    with purpose as materialized (
      select * from json_to_recordset(${JSON.stringify(purposes)}::text::json) as x(nature text, purpose text)
    ),
    dosed as materialized (
      select x.* from (
        select c.profile_id, c.nature, u.purpose, c.at, count(*) over (w range between ${span} preceding and current row) as dose,
          lead(c.at) over w as next_at
        from contacts c join profiles p on p.id = c.profile_id and p.merged_into is null join purpose u on u.nature = c.nature
        where c.at > ${since}::timestamptz - ${span} and c.at <= now() and p.market = ${market}
        window w as (partition by c.profile_id, c.nature order by c.at)
      ) x where x.at >= ${since}
    ),
    engaged as materialized (
        select distinct profile_id from events where type = ${MESSAGE_EVENTS.clicked} and at >= ${since}
      ),
      person as (
        select d.nature, d.profile_id, max(d.dose) as most, bool_or(e.profile_id is not null) as engaged
        from dosed d left join engaged e using (profile_id) group by d.nature, d.profile_id
      ),
      people as (
      select nature, count(*) as contacted, percentile_disc(0.95) within group (order by most) as p95,
        count(*) filter (where engaged) as engaged,
        percentile_disc(0.95) within group (order by most) filter (where engaged) as "engagedP95"
      from person group by nature
      ),
      refusal as materialized (
        select distinct profile_id, purpose, at from consent_events
        where action in ('withdrawn', 'objected') and at >= ${since}
      ),
      refused as (
        select distinct d.profile_id, d.nature, d.at
        from dosed d join refusal r on r.profile_id = d.profile_id and r.purpose = d.purpose
        where r.at > d.at and r.at <= least(d.next_at, d.at + make_interval(days => ${REFUSAL_DAYS}))
      ),
      doses as (
      select d.nature, least(d.dose, ${HIGHEST_DOSE})::int as dose, count(*) as contacts, count(f.at) as refusals
      from dosed d left join refused f on f.profile_id = d.profile_id and f.nature = d.nature and f.at = d.at
      group by 1, 2
      )
      select (select json_agg(p order by p.nature) from people p) as people,
        (select json_agg(x order by x.nature, x.dose) from doses x) as doses`;
  const { people, doses } = { people: row?.people ?? [], doses: row?.doses ?? [] };
  return people.map(({ nature, contacted, p95, engaged, engagedP95 }) => ({
    nature,
    contacted: { people: contacted, p95 },
    engaged: { people: engaged, p95: engagedP95 ?? 0 },
    doses: doses
      .filter((dose) => dose.nature === nature)
      .map(({ dose, contacts, refusals }) => ({ dose, contacts, refusals })),
  }));
}

interface PeopleRow {
  readonly nature: Nature;
  readonly contacted: number;
  readonly p95: number;
  readonly engaged: number;
  readonly engagedP95: number | null;
}

interface DoseRow {
  readonly nature: Nature;
  readonly dose: number;
  readonly contacts: number;
  readonly refusals: number;
}
