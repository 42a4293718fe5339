import type postgres from 'postgres';
import { exclusionSalt, overlap, type Exclusion } from '../domain/experiments/exclusion';
import { BoucleError } from '../domain/shared/errors';
import { belowSql, digestSql } from './assignment';
import type { Sql, Tx } from './db';
import { LOCKS } from './locks';

/** Whether somebody is in a test's part of its exclusion group. */
export function inPartSql(
  sql: Sql | Tx,
  { group, from, to }: Exclusion,
  id: postgres.Fragment,
): postgres.Fragment {
  const digest = digestSql(sql, exclusionSalt(group), id);
  const low = from === 0 ? sql`` : sql` and not (${belowSql(sql, digest, from)})`;
  return sql`(${belowSql(sql, digest, to)}${low})`;
}

interface Holder extends Exclusion {
  readonly campaignId: string;
}

/** Campaigns that have not ended and whose test has a part of the group in common with this one. */
async function holdersOf(sql: Sql | Tx, exclusion: Exclusion, campaignId: string | null): Promise<Holder[]> {
  const open = await sql<Holder[]>`
    select id as "campaignId", x ->> 'group' as "group", (x ->> 'from')::float8 as "from", (x ->> 'to')::float8 as "to"
    from campaigns cross join lateral (select scenario #> '{experiment,exclusion}' as x) e
    where "end" is null and x ->> 'group' = ${exclusion.group} and id is distinct from ${campaignId} order by id`;
  return open.filter((holder) => overlap(holder, exclusion));
}

/** What is in the way of a test's part of its group; null: it is free. */
export async function takenWords(sql: Sql | Tx, exclusion: Exclusion): Promise<string | null> {
  const holders = await holdersOf(sql, exclusion, null);
  if (holders.length === 0) return null;
  return `A part of its exclusion group ${exclusion.group} is held by ${held(holders)}.`;
}

const held = (holders: readonly Holder[]): string =>
  holders.map(({ campaignId, from, to }) => `campaign ${campaignId} (${from} to ${to})`).join(', ');

/**
 * Takes a test's part of its group for the campaign whose row the transaction writes: until it ends nobody else has it. Two at
 * once wait for each other. Throws `conflict` and names who holds it.
 */
export async function takePart(tx: Tx, exclusion: Exclusion, campaignId: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(${LOCKS.exclusionGroup}, hashtext(${exclusion.group}))`;
  const holders = await holdersOf(tx, exclusion, campaignId);
  if (holders.length > 0)
    throw new BoucleError(
      'conflict',
      `Its part of the exclusion group ${exclusion.group} is held by ${held(holders)} until that ends.`,
      [{ path: '/experiment/exclusion', message: 'overlaps a part that is held' }],
    );
}
