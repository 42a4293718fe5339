import { DOMAIN_BACKOFF } from '../../domain/delivery/retry-policy';
import type { Sql } from '../db';

/** Domains that refused for now, with the time until which they are left alone; those past it are being tried again. */
export async function backoffsOf(sql: Sql, domains: readonly string[]): Promise<ReadonlyMap<string, Date>> {
  const rows = await sql<{ domain: string; until: Date }[]>`
    select domain, until from domain_backoffs where domain = any(${[...domains]}::text[])`;
  return new Map(rows.map(({ domain, until }) => [domain, until]));
}

/**
 * A domain refused: it is left alone, each time longer. Refusals that arrive while it is left alone already are of
 * messages that were on the way, and change nothing. Answers the times.
 */
export async function backOff(sql: Sql, domains: readonly string[]): Promise<ReadonlyMap<string, Date>> {
  const { firstSeconds, factor, mostSeconds } = DOMAIN_BACKOFF;
  const rows = await sql<{ domain: string; until: Date }[]>`
    insert into domain_backoffs as b (domain, until)
    select domain, clock_timestamp() + make_interval(secs => ${firstSeconds}::float8)
    from (select distinct unnest(${[...domains]}::text[]) as domain order by 1) d
    on conflict (domain) do update set
      refusals = case when b.until <= clock_timestamp() then b.refusals + 1 else b.refusals end,
      until = case when b.until <= clock_timestamp()
        then clock_timestamp() + make_interval(secs => least(${mostSeconds}::float8, ${firstSeconds}::float8 * ${factor}::float8 ^ least(b.refusals, 30)))
        else b.until end
    returning domain, until`;
  return new Map(rows.map(({ domain, until }) => [domain, until]));
}

/** They took a message again. */
export async function recovered(sql: Sql, domains: readonly string[]): Promise<void> {
  await sql`delete from domain_backoffs where domain = any(${[...domains]}::text[]) and until <= clock_timestamp()`;
}
