import { createHash } from 'node:crypto';
import { resolveRule, segmentsOf } from '../domain/segments/resolve';
import { RULE_LANGUAGE, type Rule } from '../domain/segments/rule';
import { BoucleError } from '../domain/shared/errors';
import { STORABLE } from '../domain/shared/text';
import type { Sql, Tx } from './db';
import { changeRules, noteLiveReads } from './memberships/live-rules-cache';
import { ruleSql } from './segment-sql';
import { findReadersAgain } from './segments/find-again';
import { liveRules, ruleOf, surroundingsOf } from './segments/live-rules';
import { segmentUses } from './segments/uses';

export interface Segment {
  readonly key: string;
  readonly version: number;
  readonly name: string;
  readonly rule: Rule;
  readonly createdBy: string;
  readonly createdAt: string;
  /** The version that counts; null: none is live. */
  readonly liveVersion: number | null;
}

export interface LiveSegment {
  readonly key: string;
  readonly version: number;
  readonly liveBy: string;
  readonly liveAt: Date;
  /** null: its first members are still being found. */
  readonly builtAt: Date | null;
}

export interface SegmentsStore {
  /** A new version, unless name and rule are those of the latest. Throws segment-invalid with the places at fault. */
  put(key: string, input: { readonly name: string; readonly rule: unknown }, by: string): Promise<Segment>;
  /** The latest version, or the one asked for. */
  get(key: string, version?: number): Promise<Segment | null>;
  /** The latest version of each. */
  list(): Promise<Segment[]>;
  /** Every version of one, newest first. */
  versions(key: string): Promise<Segment[]>;
  /** How many profiles a rule holds for at this moment. */
  count(rule: Rule): Promise<number>;
  /** Keeps that a version was tried, with what came of it. */
  recordSimulation(simulated: {
    readonly id: string;
    readonly key: string;
    readonly version: number;
    readonly report: unknown;
    readonly by: string;
  }): Promise<void>;
  /**
   * Makes a version the one that counts, from now on everywhere but in audiences that are frozen; the same again changes
   * nothing. Throws not-found, segment-not-simulated, segment-unknown and segment-cycle for what its rule names.
   */
  goLive(key: string, version: number, by: string): Promise<LiveSegment>;
  /**
   * From now on it counts nowhere; its versions stay, and its members leave it. Throws segment-in-use with everything that
   * names it, not-found where none is live.
   */
  retire(key: string): Promise<void>;
  live(key: string): Promise<LiveSegment | null>;
}

export function createSegmentsStore(sql: Sql): SegmentsStore {
  const columns = (db: Sql | Tx) => db`s.*, l.version as live_version`;
  return {
    put: async (key, { name, rule: given }, by) => {
      if (!STORABLE.test(name))
        throw new BoucleError('segment-invalid', 'the name holds a NUL or a lone surrogate');
      const rule = ruleOf(given);
      const definition = JSON.stringify(rule);
      return sql.begin(async (tx) => {
        await lock(tx, key);
        const [latest] = await tx<SegmentRow[]>`
          select ${columns(tx)} from segments s left join live_segments l using (key)
          where key = ${key} order by s.version desc limit 1`;
        if (
          latest !== undefined &&
          latest.name === name &&
          JSON.stringify(ruleOf(latest.rule)) === definition
        )
          return segment(latest);
        const [row] = await tx<SegmentRow[]>`
          insert into segments (key, version, name, rule, language, created_by)
          values (${key}, ${(latest?.version ?? 0) + 1}, ${name}, ${definition}::text::jsonb, ${RULE_LANGUAGE}, ${by})
          returning *, ${latest?.live_version ?? null}::int as live_version`;
        if (row === undefined) throw new Error('an insert answers its row');
        return segment(row);
      });
    },

    get: async (key, version) => {
      const [row] = await sql<SegmentRow[]>`
        select ${columns(sql)} from segments s left join live_segments l using (key)
        where key = ${key} and (${version ?? null}::int is null or s.version = ${version ?? null}::int)
        order by s.version desc limit 1`;
      return row === undefined ? null : segment(row);
    },

    list: async () =>
      (
        await sql<SegmentRow[]>`
          select distinct on (key) ${columns(sql)} from segments s left join live_segments l using (key)
          order by key, s.version desc`
      ).map(segment),

    versions: async (key) =>
      (
        await sql<SegmentRow[]>`
          select ${columns(sql)} from segments s left join live_segments l using (key)
          where key = ${key} order by s.version desc`
      ).map(segment),

    count: async (rule) => {
      const resolved = resolveRule(rule, await surroundingsOf(sql, [rule]));
      const [row] = await sql<
        { n: number }[]
      >`select count(*) as n from profiles p where p.merged_into is null and ${ruleSql(sql, resolved, new Date())}`;
      return row?.n ?? 0;
    },

    recordSimulation: async ({ id, key, version, report, by }) => {
      await sql`
        insert into segment_simulations (id, key, version, report, created_by)
        values (${id}, ${key}, ${version}, ${JSON.stringify(report)}::text::jsonb, ${by})`;
    },

    goLive: (key, version, by) =>
      sql.begin(async (tx) => {
        await lock(tx, key);
        await changeRules(tx);
        await checkLive(tx, key, version);
        const [row] = await tx<LiveSegment[]>`
          with before as (
            select version from live_segments where key = ${key}
          ), ended as (
            update segment_lives set to_at = now()
            where key = ${key} and to_at is null and version <> ${version}
          ), begun as (
            insert into segment_lives (key, version, live_by)
            select ${key}, ${version}, ${by} where not exists (select from before where version = ${version})
          ), moved as (
            update rules_epoch set epoch = epoch + 1 where not exists (select from before where version = ${version})
          )
          insert into live_segments as l (key, version, live_by) values (${key}, ${version}, ${by})
          on conflict (key) do update set
            version = excluded.version,
            live_by = case when l.version = excluded.version then l.live_by else excluded.live_by end,
            live_at = case when l.version = excluded.version then l.live_at else now() end,
            built_at = case when l.version = excluded.version then l.built_at end
          returning key, version, live_by as "liveBy", live_at as "liveAt", built_at as "builtAt"`;
        if (row === undefined) throw new Error('an upsert answers its row');
        await findReadersAgain(tx, [key]);
        await noteLiveReads(tx);
        return row;
      }),

    retire: (key) =>
      sql.begin(async (tx) => {
        await lock(tx, key);
        await changeRules(tx);
        // Held before its uses are looked for: what names it is written before or finds it gone (liveSegmentsHeld).
        const { count } = await tx`select from live_segments where key = ${key} for update`;
        if (count === 0) throw new BoucleError('not-found', 'No such segment is live.');
        const uses = await segmentUses(tx, key);
        if (uses.length > 0)
          throw new BoucleError(
            'segment-in-use',
            'Something still names this segment.',
            uses.map((use) => ({ path: '/key', message: `${use.kind} ${use.key}: ${use.as}` })),
          );
        await tx`delete from live_segments where key = ${key}`;
        await tx`update segment_lives set to_at = now() where key = ${key} and to_at is null`;
        await tx`update rules_epoch set epoch = epoch + 1`;
        await noteLiveReads(tx);
      }),

    live: async (key) => {
      const [row] = await sql<LiveSegment[]>`
        select key, version, live_by as "liveBy", live_at as "liveAt", built_at as "builtAt"
        from live_segments where key = ${key}`;
      return row ?? null;
    },
  };
}

/** It was tried, and what it names is there and does not lead back to it. */
async function checkLive(tx: Tx, key: string, version: number): Promise<void> {
  const [row] = await tx<{ rule: unknown; simulated: boolean }[]>`
    select rule, exists (select from segment_simulations m where m.key = s.key and m.version = s.version) as simulated
    from segments s where key = ${key} and version = ${version}`;
  if (row === undefined) throw new BoucleError('not-found', 'No such version of the segment.');
  if (!row.simulated)
    throw new BoucleError('segment-not-simulated', `Version ${version} was never simulated.`, [
      { path: '/version', message: 'simulate this very version first' },
    ]);
  const rule = ruleOf(row.rule);
  const surroundings = await surroundingsOf(tx, [rule], new Map([[key, rule]]));
  resolveRule({ segment: key }, surroundings);
  const measured = segmentsOf(rule).means.map(({ segment }) => segment);
  const there = await liveRules(tx, measured);
  const missing = measured.find((segment) => segment !== key && !there.has(segment));
  if (missing !== undefined)
    throw new BoucleError('segment-unknown', `no segment ${missing} is live`, [
      { path: '/rule', message: `compares with a mean over ${missing}, which is not live` },
    ]);
  for (const [name, one] of surroundings.liveRules)
    if (segmentsOf(one).means.some(({ segment }) => segment === key))
      throw new BoucleError('segment-cycle', `${name} compares with the mean of ${key}, which is made of it`);
}

/** One writer a key at a time, or two would take the same version. */
async function lock(tx: Tx, key: string): Promise<void> {
  const id = createHash('sha256').update(`segment ${key}`).digest().readBigInt64BE().toString();
  await tx`select pg_advisory_xact_lock(${id}::bigint)`;
}

interface SegmentRow {
  key: string;
  version: number;
  name: string;
  rule: unknown;
  created_by: string;
  created_at: Date;
  live_version: number | null;
}

const segment = (row: SegmentRow): Segment => ({
  key: row.key,
  version: row.version,
  name: row.name,
  rule: ruleOf(row.rule),
  createdBy: row.created_by,
  createdAt: row.created_at.toISOString(),
  liveVersion: row.live_version,
});
