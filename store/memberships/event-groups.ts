import { again } from '../again';
import type { Sql } from '../db';
import { appendEventRows, type EventRow } from '../events-append';
import { readsDerived } from '../../domain/segments/lifecycle';
import type { Touches } from '../../domain/segments/touches';
import { judge, readsOf, type Judging } from './judge';
import { createLiveRulesCache, type JudgedRule, type LiveRules } from './live-rules-cache';

/** Most events of one transaction. */
const GROUP_ROWS = 1_000;
/** Transactions at once: while one commits, the next is at work. */
const GROUPS_AT_ONCE = 2;

interface Waiting {
  readonly rows: readonly EventRow[];
  readonly done: (inserted: ReadonlySet<string>) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Writes events and judges whom they are about, in one transaction for everything that waits: at hundreds a second the
 * commits would cost more than the work. Two calls about the same person never share one, or go side by side, so that
 * each finds what the one before has made of them. Answers once it is committed, with the ids that were new.
 */
export function createEventGroups(sql: Sql): {
  append(rows: readonly EventRow[]): Promise<ReadonlySet<string>>;
} {
  const liveRules = createLiveRulesCache();
  const busy = new Set<number>();
  let waiting: Waiting[] = [];
  let running = 0;

  const write = (rows: readonly EventRow[]): Promise<Set<string>> =>
    again(() =>
      sql.begin(async (tx) => {
        const [rules, inserted] = await Promise.all([liveRules(tx), appendEventRows(tx, rows)]);
        const fresh = rows.filter(({ id }) => inserted.has(id));
        await judge(tx, { ...concerned(rules, fresh), every: false, cause: 'event' });
        return inserted;
      }),
    );

  /** What waits and is about nobody who is being judged, in the order it came. */
  const take = (): Waiting[] => {
    const group: Waiting[] = [];
    const rest: Waiting[] = [];
    const theirs = new Set<number>();
    let size = 0;
    for (const one of waiting) {
      const ids = one.rows.map(({ profileId }) => profileId);
      const fits = group.length === 0 || size + ids.length <= GROUP_ROWS;
      if (fits && !ids.some((id) => busy.has(id) || theirs.has(id))) {
        group.push(one);
        size += ids.length;
      } else rest.push(one);
      // Also of those that wait: nobody overtakes an earlier call about the same person.
      for (const id of ids) theirs.add(id);
    }
    waiting = rest;
    for (const one of group) for (const { profileId } of one.rows) busy.add(profileId);
    return group;
  };

  const run = async (group: readonly Waiting[]): Promise<void> => {
    try {
      const inserted = await write(group.flatMap(({ rows }) => rows));
      for (const { rows, done } of group) {
        const mine = new Set(rows.flatMap(({ id }) => (inserted.delete(id) ? [id] : [])));
        done(mine);
      }
    } catch (error) {
      // One of them may be at fault: each alone.
      if (group.length === 1) group[0]?.failed(error);
      else for (const one of group) await write(one.rows).then(one.done, one.failed);
    }
  };

  const start = (): void => {
    while (running < GROUPS_AT_ONCE && waiting.length > 0) {
      const group = take();
      if (group.length === 0) return;
      running += 1;
      void run(group).finally(() => {
        running -= 1;
        for (const one of group) for (const { profileId } of one.rows) busy.delete(profileId);
        start();
      });
    }
  };

  return {
    append: (rows) =>
      rows.length === 0
        ? Promise.resolve(new Set())
        : new Promise((done, failed) => {
            waiting.push({ rows, done, failed });
            start();
          }),
  };
}

/** What events of some types may change. */
interface Concern {
  readonly rules: readonly JudgedRule[];
  readonly reads: Touches;
  readonly keepsUp: boolean;
}

const concerns = new WeakMap<LiveRules, Map<string, Concern>>();

/** Kept for as long as the rules are. */
function concernOf(live: LiveRules, types: ReadonlySet<string>): Concern {
  const kept = concerns.get(live) ?? new Map<string, Concern>();
  concerns.set(live, kept);
  const key = JSON.stringify([...types].sort());
  const known = kept.get(key);
  if (known !== undefined) return known;
  const { all, upkeep } = live;
  const interests = [...types].some((type) => upkeep.interestTypes.has(type));
  const keepsUp =
    interests || types.has('purchase') || [...types].some((type) => upkeep.touches.eventTypes.has(type));
  const rules = all.filter(
    ({ touches }) =>
      [...touches.eventTypes.keys()].some((type) => types.has(type)) ||
      (keepsUp && readsDerived(touches.attributes)) ||
      (interests && touches.interests.size > 0),
  );
  const concern = { rules, reads: readsOf(rules, keepsUp ? upkeep : undefined), keepsUp };
  kept.set(key, concern);
  return concern;
}

/** Whom these events may have changed something about, and the rules that may now say something else of them. */
function concerned(
  live: LiveRules,
  fresh: readonly EventRow[],
): Pick<Judging, 'ids' | 'rules' | 'reads' | 'keepUp'> {
  const { upkeep } = live;
  const { rules, reads, keepsUp } = concernOf(live, new Set(fresh.map(({ type }) => type)));
  const read = ({ type }: EventRow): boolean =>
    reads.eventTypes.has(type) || type === 'purchase' || upkeep.interestTypes.has(type);
  const buyers = fresh.flatMap(({ type, profileId }) => (type === 'purchase' ? [profileId] : []));
  return {
    ids: fresh.filter(read).map(({ profileId }) => profileId),
    rules,
    reads,
    keepUp: keepsUp ? { by: upkeep, buyers } : undefined,
  };
}
