import { bucketKey, type RateLimit } from '../../domain/delivery/rate-limit';
import type { Sql } from '../db';

/** What somebody asks of one bucket. */
export interface TokenRequest {
  readonly limit: RateLimit;
  readonly wanted: number;
  /** Tokens to leave to others. */
  readonly leave: number;
}

/**
 * Takes tokens of several buckets in one statement, as many as each has; answers how many, in the order asked. All
 * workers share them: the rows are locked in the order of their keys, filled up by the database's clock, and taken from.
 * What is taken and not used is lost: the bucket is only slower for it.
 */
export async function takeTokens(sql: Sql, requests: readonly TokenRequest[]): Promise<number[]> {
  if (requests.length === 0) return [];
  const keys = requests.map(({ limit }) => bucketKey(limit));
  const bursts = requests.map(({ limit }) => limit.burst);
  // A bucket nobody has used yet is full.
  await sql`
    insert into rate_buckets (key, tokens) select * from unnest(${keys}::text[], ${bursts}::float8[])
    on conflict do nothing`;
  const rows = await sql<{ key: string; taken: number }[]>`
    with wanted as materialized (
      select * from unnest(${keys}::text[], ${requests.map(({ wanted }) => wanted)}::float8[],
        ${requests.map(({ leave }) => leave)}::float8[], ${requests.map(({ limit }) => limit.perSecond)}::float8[],
        ${bursts}::float8[]) as w (key, wanted, leave, per_second, burst)
    ),
    held as materialized (
      select key, tokens, refilled_at from rate_buckets where key = any(${keys}::text[]) order by key for no key update
    ),
    filled as materialized (
      select h.key, w.wanted, w.leave,
        least(w.burst, h.tokens + w.per_second * greatest(0, extract(epoch from clock_timestamp() - h.refilled_at))) as tokens
      from held h join wanted w using (key)
    ),
    taken as materialized (
      select key, tokens, least(wanted, greatest(0, floor(tokens - leave))) as taken from filled
    )
    update rate_buckets b set tokens = t.tokens - t.taken, refilled_at = clock_timestamp()
    from taken t where b.key = t.key
    returning b.key, t.taken::int as taken`;
  const taken = new Map(rows.map((row) => [row.key, row.taken]));
  return keys.map((key) => taken.get(key) ?? 0);
}
