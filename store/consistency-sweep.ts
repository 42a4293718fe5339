import type postgres from 'postgres';
import { DOUBTED_OF_MANY } from '../domain/profiles/consistency';
import { consistencyRules } from './consistency-rules';
import type { Sql } from './db';

/** Values that have become doubtful, and those that are believed again. */
export interface SweptDoubts {
  readonly doubted: number;
  readonly believed: number;
}

/**
 * Asks the rules over many people: a telephone that many are said to have, an address many telephones are at. What no such
 * rule doubts any more is believed again.
 */
export async function sweepShared(sql: Sql): Promise<SweptDoubts> {
  const rules = await consistencyRules(sql);
  const fewest = (check: keyof typeof DOUBTED_OF_MANY): number | null => {
    const limits = rules.flatMap((rule) =>
      rule.check !== check
        ? []
        : rule.check === 'shared-phone'
          ? rule.people
          : rule.check === 'shared-address'
            ? rule.phones
            : [],
    );
    return limits.length === 0 ? null : Math.min(...limits);
  };
  const phones = await doubtExactly(
    sql,
    DOUBTED_OF_MANY['shared-phone'],
    withSharedPhone(sql, fewest('shared-phone')),
  );
  const addresses = await doubtExactly(
    sql,
    DOUBTED_OF_MANY['shared-address'],
    atSharedAddress(sql, fewest('shared-address')),
  );
  return {
    doubted: phones.doubted + addresses.doubted,
    believed: phones.believed + addresses.believed,
  };
}

/** A telephone is one profile's; the others it was given for are on record beside it. A limit of null: nobody. */
const withSharedPhone = (sql: Sql, people: number | null): postgres.Fragment => sql`
  select p.id from profiles p
  join phone_claims c on c.hash = p.phone_fp
  join profiles o on o.id = c.profile_id and o.merged_into is null and o.id <> p.id
  where p.merged_into is null
  group by p.id having count(distinct o.id) + 1 >= ${people}::int`;

const atSharedAddress = (sql: Sql, phones: number | null): postgres.Fragment => sql`
  select p.id from profiles p
  where p.merged_into is null and p.postal_fp in (
    select postal_fp from profiles where merged_into is null and postal_fp is not null
    group by postal_fp having count(distinct phone_fp) >= ${phones}::int)`;

/** In order of id, as everybody who writes several people does. */
async function doubtExactly(sql: Sql, field: string, whom: postgres.Fragment): Promise<SweptDoubts> {
  const [row] = await sql<{ doubted: number; believed: number }[]>`
    with these as materialized (${whom}), held as materialized (
      select p.id, t.id is not null as doubted from profiles p left join these t on t.id = p.id
      where (t.id is not null) <> (${field} = any(p.doubtful)) and p.merged_into is null
      order by p.id for update of p
    ), written as (
      update profiles p set updated_at = now(), doubtful = case when h.doubted
        then array(select d from unnest(p.doubtful || ${field}::text) d group by d order by d collate "C")
        else array_remove(p.doubtful, ${field}) end
      from held h where h.id = p.id
      returning h.doubted
    )
    select count(*) filter (where doubted) as doubted, count(*) filter (where not doubted) as believed from written`;
  return { doubted: row?.doubted ?? 0, believed: row?.believed ?? 0 };
}
