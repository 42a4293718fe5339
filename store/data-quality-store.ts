import type postgres from 'postgres';
import { STALE_DAYS } from '../domain/profiles/source';
import type { Db, Tx } from './db';
import { LOCKS } from './locks';

/** What a field is worth, of the profiles a source has said something of; source `*` is all of them. */
export interface FieldQuality {
  /** ISO 8601. */
  readonly day: string;
  readonly source: string;
  /** A field, or `attributes.<name>`. */
  readonly field: string;
  readonly profiles: number;
  /** Have no value, from whatever source. */
  readonly missing: number;
  /** Have a value of this source that a consistency rule does not believe. */
  readonly doubtful: number;
  /** Have a value this source said longer ago than it holds good. */
  readonly stale: number;
  /** Are likely to be somebody else as well: `phone`, the same one; `lastName`, the same names and birth date or postcode. */
  readonly duplicate: number;
}

export interface QualityQuery {
  /** Days, ISO 8601; both left out: the last that was counted. */
  readonly from?: string;
  readonly to?: string;
  readonly source?: string;
  readonly field?: string;
  /** The last of the page before. */
  readonly after?: QualityPlace;
  readonly limit: number;
}

/** Where a page ends. */
export type QualityPlace = Pick<FieldQuality, 'day' | 'source' | 'field'>;

/** How good what is known of people is, day by day. */
export function createDataQualityStore(db: Db) {
  return {
    /** Counts everybody as of now, in the place of an earlier count of the day. Answers false where another is at it. */
    count: (day: string): Promise<boolean> =>
      db.identity.begin(async (tx) => {
        const [lock] = await tx<
          { mine: boolean }[]
        >`select pg_try_advisory_xact_lock(${LOCKS.dataQuality}) as mine`;
        if (lock?.mine !== true) return false;
        await tx`delete from data_quality where day = ${day}`;
        await tx`
          with ${said(tx)}, ${present(tx)}, ${doubted(tx)}, ${stale(tx)}, ${duplicated(tx)}, measured as (
            select source, field, sum(has) as has, sum(doubtful) as doubtful, sum(stale) as stale, sum(duplicate) as duplicate
            from (
              select source, field, has, 0 as doubtful, 0 as stale, 0 as duplicate from present
              union all select source, field, 0, doubtful, 0, 0 from doubted
              union all select source, field, 0, 0, stale, 0 from stale
              union all select source, field, 0, 0, 0, duplicate from duplicated
            ) m group by 1, 2
          )
          insert into data_quality (day, source, field, profiles, missing, doubtful, stale, duplicate)
          select ${day}, m.source, m.field, s.profiles, greatest(0, s.profiles - m.has), m.doubtful, m.stale, m.duplicate
          from measured m join (select source, count(*) as profiles from said group by 1) s on s.source = m.source`;
        return true;
      }),

    /** The latest day first. Without days, the pages after the first are of its day, whatever was counted meanwhile. */
    read: async ({ from, to, source, field, after, limit }: QualityQuery): Promise<FieldQuality[]> => [
      ...(await db.app<FieldQuality[]>`
        select to_char(day, 'YYYY-MM-DD') as day, source, field, profiles, missing, doubtful, stale, duplicate
        from data_quality
        where day >= coalesce(
            ${from ?? null}::date,
            case when ${to ?? null}::date is null then coalesce(${after?.day ?? null}::date, (select max(day) from data_quality)) end,
            '-infinity')
          and day <= coalesce(${to ?? null}::date, 'infinity')
          and source = coalesce(${source ?? null}, source) and field = coalesce(${field ?? null}, field)
          and (${after === undefined} or day < ${after?.day ?? null}::date
            or (day = ${after?.day ?? null}::date and (source, field) > (${after?.source ?? null}::text, ${after?.field ?? null}::text)))
        order by day desc, source, field limit ${limit}`),
    ],
  };
}

export type DataQualityStore = ReturnType<typeof createDataQualityStore>;

/** Who has said something of whom. */
const said = (tx: Tx): postgres.Fragment => tx`
  said as materialized (
    select p.id, p.source from profiles p where p.merged_into is null
    union
    select p.id, o.source from field_origins f join profiles p on p.id = f.profile_id and p.merged_into is null
    cross join lateral (select distinct value::bigint as origin from jsonb_each_text(f.fields)) v
    join origins o on o.id = v.origin
    union all
    select p.id, '*' from profiles p where p.merged_into is null
  )`;

/** Profiles that have a value, by field: of every field, and of attributes anybody of the source has. */
const present = (tx: Tx): postgres.Fragment => tx`
  present as (
    select c.source, f.key as field, f.value::bigint as has
    from (
      select s.source, jsonb_build_object('customerKey', count(i.customer_key), 'email', count(i.email),
        'phone', count(i.phone), 'firstName', count(i.first_name), 'lastName', count(i.last_name),
        'civility', count(i.civility), 'address1', count(i.address_1), 'postcode', count(i.postcode),
        'city', count(i.city), 'country', count(i.country), 'area', count(p.area), 'timezone', count(p.timezone)) as counts
      from said s join profiles p on p.id = s.id left join identity.people i on i.profile_id = s.id
      group by s.source
    ) c cross join lateral jsonb_each_text(c.counts) f
    union all
    select s.source, 'attributes.' || a.name, count(*)
    from said s join profiles p on p.id = s.id cross join lateral jsonb_object_keys(p.attributes) a(name)
    group by 1, 2
  )`;

/** By the source the value came from; where that was not kept, the one that brought the profile. */
const doubted = (tx: Tx): postgres.Fragment => tx`
  doubted as (
    select w.source, d.field, count(*) as doubtful
    from profiles p cross join lateral unnest(p.doubtful) d(field)
    left join field_origins f on f.profile_id = p.id
    left join origins o on o.id = (f.fields ->> d.field)::bigint
    cross join lateral (values (coalesce(o.source, p.source)), ('*')) w(source)
    where p.merged_into is null group by 1, 2
  )`;

const stale = (tx: Tx): postgres.Fragment => tx`
  stale as (
    select w.source, v.field, count(*) as stale
    from field_origins f join profiles p on p.id = f.profile_id and p.merged_into is null
    cross join lateral jsonb_each_text(f.fields) v(field, origin)
    join (
      select o.id, o.source from origins o left join sources s on s.key = o.source
      where o.at < now() - make_interval(days => coalesce((s.definition ->> 'staleDays')::int, ${STALE_DAYS}))
    ) o on o.id = v.origin::bigint
    cross join lateral (values (o.source), ('*')) w(source)
    group by 1, 2
  )`;

/** A telephone is one profile's: whoever else it was given for is on record beside it. */
const duplicated = (tx: Tx): postgres.Fragment => tx`
  named as materialized (
    select p.id, lower(i.first_name) || ' ' || lower(i.last_name) as name, i.postcode, p.attributes ->> 'birth_date' as born
    from profiles p join identity.people i on i.profile_id = p.id
    where p.merged_into is null and i.first_name is not null and i.last_name is not null
  ), duplicated as (
    select s.source, d.field, count(*) as duplicate
    from (
      select id, 'lastName' as field from (
        select id, count(*) over (partition by name, postcode) as n from named where postcode is not null) by_postcode where n > 1
      union
      select id, 'lastName' from (
        select id, count(*) over (partition by name, born) as n from named where born is not null) by_birth where n > 1
      union
      select unnest(array[p.id, q.id]), 'phone' from phone_claims c
      join profiles p on p.phone_fp = c.hash and p.merged_into is null
      join profiles q on q.id = c.profile_id and q.merged_into is null and q.id <> p.id
    ) d join said s on s.id = d.id
    group by 1, 2
  )`;
