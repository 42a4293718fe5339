import { isOfData } from './data-faults';
import { ruleSql } from './segment-sql';
import type { Sql, Tx } from './db';
import {
  judge,
  readsOf,
  writeChanges,
  type Cause,
  type Judging,
  type MembershipChange,
} from './memberships/judge';
import { createLiveRulesCache, type JudgedRule, type LiveRules } from './memberships/live-rules-cache';
import { createPace, type Pace } from './memberships/pace';
import { LOCKS } from './locks';

/** Members of a retired segment who leave it in one transaction. */
const LEAVE_AT_ONCE = 500;
/** After which whoever could not be judged is tried again. */
const PUT_OFF = '10 minutes';
/** Profile ids one step of a build looks at, for each it may judge. */
const LOOKED_AT = 40;

/**
 * Who is in a segment, kept true: the work that follows changes of profiles, the passing of time and new versions. Somebody
 * who cannot be judged, for what is said of them, is put off and told to `onPutOff`; nobody else waits for that.
 */
export function createMembershipsStore(
  sql: Sql,
  onPutOff: (profileId: number, fault: unknown) => void = () => {},
) {
  const liveRules = createLiveRulesCache();
  const paces = { touched: createPace(), due: createPace(), build: createPace() };

  const touched = (limit: number): Promise<number> =>
    sql.begin(async (tx) => {
      const rules = await liveRules(tx);
      const rows = await tx<{ profile_id: number }[]>`
        with taken as (
          delete from profile_touches where id in (
            select id from profile_touches where not_before is null or not_before < now()
            order by id limit ${limit} for update skip locked)
          returning profile_id
        )
        select distinct profile_id from taken`;
      return judgeAll(tx, rows, { rules, cause: 'profile' });
    });

  const due = (limit: number, at: Date | undefined): Promise<number> =>
    sql.begin(async (tx) => {
      // Before the people: whoever judges takes what is live first.
      const rules = await liveRules(tx);
      const rows = await tx<{ profile_id: number }[]>`
        select profile_id from profile_clock where due_at <= ${at === undefined ? tx`clock_timestamp()` : tx`${at}::timestamptz`}
        order by due_at, profile_id limit ${limit} for update skip locked`;
      return judgeAll(tx, rows, { rules, cause: 'time', at });
    });

  const judgeAll = async (
    tx: Tx,
    rows: readonly { readonly profile_id: number }[],
    judging: Pick<Judging, 'cause' | 'at'> & { readonly rules: LiveRules },
  ): Promise<number> => {
    const ids = rows.map((row) => row.profile_id);
    const { all, upkeep } = judging.rules;
    await judge(tx, {
      ids,
      every: true,
      ...judging,
      rules: all,
      reads: readsOf(all, upkeep),
      keepUp: { by: upkeep, buyers: ids },
    });
    return ids.length;
  };

  return {
    /** Judges some of those whom something has changed about. Answers how many people were looked at. */
    judgeTouched: (limit?: number): Promise<number> =>
      some(limit, paces.touched, (size) =>
        inHalves(size, touched, async (fault) => {
          const rows = await sql<{ profile_id: number }[]>`
            update profile_touches set not_before = now() + ${PUT_OFF}::interval where id = (
              select id from profile_touches where not_before is null or not_before < now()
              order by id limit 1 for update skip locked)
            returning profile_id`;
          for (const { profile_id } of rows) onPutOff(profile_id, fault);
        }),
      ),

    /** Judges some of those who are due. Answers how many people were looked at. `at` stands in for the clock. */
    judgeDue: (limit?: number, at?: Date): Promise<number> =>
      some(limit, paces.due, (size) =>
        inHalves(
          size,
          (half) => due(half, at),
          async (fault) => {
            const rows = await sql<{ profile_id: number }[]>`
              update profile_clock set due_at = now() + ${PUT_OFF}::interval where profile_id = (
                select profile_id from profile_clock where due_at <= ${at === undefined ? sql`clock_timestamp()` : sql`${at}::timestamptz`}
                order by due_at, profile_id limit 1 for update skip locked)
              returning profile_id`;
            for (const { profile_id } of rows) onPutOff(profile_id, fault);
          },
        ),
      ),

    /**
     * Live segments whose members are to be found: after going live; once more ten minutes later, for what was being
     * written while it went live; and every day, in case anything was missed.
     */
    unbuilt: async (): Promise<string[]> =>
      (
        await sql<{ key: string }[]>`
          select key from live_segments
          where built_at is null or built_at < now() - interval '1 day'
            or (built_at < live_at + interval '10 minutes' and now() > live_at + interval '10 minutes')
          order by built_at nulls first, live_at`
      ).map(({ key }) => key),

    /**
     * Finds the members of a live version, some at a time, beside events that come in; safe to repeat. Answers how many
     * entered or left; null where another is at it, or another version went live meanwhile.
     */
    build: async (key: string, stopping?: AbortSignal): Promise<number | null> => {
      const [bounds] = await sql<{ version: number; from: number | null; to: number | null; at: Date }[]>`
        select version, (select min(id) from profiles) as from, (select max(id) from profiles) as to,
          clock_timestamp() as at
        from live_segments where key = ${key}`;
      if (bounds === undefined) return null;
      let changed = 0;
      for (let from = bounds.from ?? 1; from <= (bounds.to ?? 0);) {
        if (stopping?.aborted === true) return null;
        const start = from;
        const step = await paces.build.keep(
          (size) => sql.begin((tx) => buildSome(tx, { key, version: bounds.version, from: start, size })),
          // Also where nobody had to be judged, all of them were looked at.
          () => true,
        );
        if (step === null) return null;
        changed += step.changed;
        from = step.to;
      }
      await sql`
        update live_segments set built_at = clock_timestamp()
        where key = ${key} and version = ${bounds.version} and (built_at is null or built_at < ${bounds.at}::timestamptz)`;
      return changed;
    },

    /** Some members of a retired segment leave it. Answers how many. */
    clearRetired: (): Promise<number> =>
      sql.begin(async (tx) => {
        await liveRules(tx);
        const changes = await tx<MembershipChange[]>`
          select m.segment, m.profile_id as "profileId", r.version, false as entered
          from (
            select key, max(version) as version from segment_lives l
            where not exists (select from live_segments where key = l.key)
              and exists (select from segment_members where segment = l.key)
            group by key limit 1
          ) r join segment_members m on m.segment = r.key limit ${LEAVE_AT_ONCE} for update of m skip locked`;
        await writeChanges(tx, changes, new Date(), 'version');
        return changes.length;
      }),

    /** When a person entered and left segments, newest first. */
    history: async (profileId: number, limit: number): Promise<MembershipHistory[]> => [
      ...(await sql<MembershipHistory[]>`
        select segment, version, entered, at, cause from membership_changes
        where profile_id = ${profileId} order by id desc limit ${limit}`),
    ],

    /** Entries and exits of a segment, newest first; `before`: only those with a smaller id. */
    changesOf: async (segment: string, before: number | null, limit: number): Promise<SegmentChange[]> => [
      ...(await sql<SegmentChange[]>`
        select id, profile_id as "profileId", version, entered, at, cause from membership_changes
        where segment = ${segment} and id < coalesce(${before}::bigint, 9223372036854775807)
        order by id desc limit ${limit}`),
    ],

    /** How many are in a segment now. */
    size: async (segment: string): Promise<number> =>
      (await sql<{ n: number }[]>`select count(*) as n from segment_members where segment = ${segment}`)[0]
        ?.n ?? 0,

    /** The segments a person is in now. */
    of: async (profileId: number): Promise<{ segment: string; since: Date }[]> => [
      ...(await sql<{ segment: string; since: Date }[]>`
        select segment, since from segment_members where profile_id = ${profileId} order by segment`),
    ],
  };

  /** One transaction: as few people as events can wait for. */
  async function buildSome(
    tx: Tx,
    {
      key,
      version,
      from,
      size,
    }: { readonly key: string; readonly version: number; readonly from: number; readonly size: number },
  ): Promise<{ to: number; changed: number } | null> {
    const [lock] = await tx<{ mine: boolean }[]>`
      select pg_try_advisory_xact_lock(${LOCKS.segmentBuild}, hashtext(${key})) as mine`;
    if (lock?.mine !== true) return null;
    const rule = (await liveRules(tx)).all.find(({ segment }) => segment === key);
    // Another went live meanwhile: it is found again as unbuilt.
    if (rule?.version !== version) return null;
    const ids = await toJudge(tx, rule, { from, size });
    const changes = await judge(tx, {
      ids,
      rules: [rule],
      reads: rule.touches,
      every: false,
      cause: 'version',
    });
    const last = ids.at(-1);
    return {
      to: ids.length === size && last !== undefined ? last + 1 : from + size * LOOKED_AT,
      changed: changes.length,
    };
  }
}

/** As many as are asked for, else as many as the pace allows. */
const some = (
  limit: number | undefined,
  pace: Pace,
  work: (size: number) => Promise<number>,
): Promise<number> => (limit === undefined ? pace.keep(work, (done, size) => done === size) : work(limit));

/**
 * The first of a queue, by as many as `limit`; where they cannot be worked through for what is said of them, half as many,
 * down to the one who cannot: that one is put off.
 */
async function inHalves(
  limit: number,
  work: (limit: number) => Promise<number>,
  putOff: (fault: unknown) => Promise<void>,
): Promise<number> {
  try {
    return await work(limit);
  } catch (fault) {
    if (!isOfData(fault)) throw fault;
    if (limit > 1) return inHalves(Math.ceil(limit / 2), work, putOff);
    await putOff(fault);
    return 1;
  }
}

export interface SegmentChange {
  readonly id: number;
  readonly profileId: number;
  readonly version: number;
  readonly entered: boolean;
  readonly at: Date;
  readonly cause: Cause;
}

export interface MembershipHistory {
  readonly segment: string;
  readonly version: number;
  readonly entered: boolean;
  readonly at: Date;
  readonly cause: Cause;
}

export type MembershipsStore = ReturnType<typeof createMembershipsStore>;

/** Whom the rule and the members disagree about; everybody where time may change the answer, to know when. */
async function toJudge(
  tx: Tx,
  { segment, rule, touches }: JudgedRule,
  { from, size }: { readonly from: number; readonly size: number },
): Promise<number[]> {
  const rows = await tx<{ id: number }[]>`
    select p.id from profiles p left join segment_members m on m.segment = ${segment} and m.profile_id = p.id
    where p.id >= ${from} and p.id < ${from + size * LOOKED_AT}
      and (${touches.time} or (p.merged_into is null and ${ruleSql(tx, rule, new Date())}) <> (m.profile_id is not null))
    order by p.id limit ${size}`;
  return rows.map(({ id }) => id);
}
