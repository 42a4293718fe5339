import { nextDue } from '../../domain/segments/due';
import { standingDue, standingOf, type Standing } from '../../domain/segments/lifecycle';
import { matches } from '../../domain/segments/predicate';
import type { AttributeValue, RuleSubject } from '../../domain/segments/subject';
import { touchesOf, type Touches } from '../../domain/segments/touches';
import { arrayLiteral } from '../array-literal';
import type { Tx } from '../db';
import { writeStandings, type Upkeep } from '../derived/standing';
import { tellValue } from '../derived/value';
import type { JudgedRule } from './live-rules-cache';
import { loadSubjects } from './subjects';

/** Why somebody was judged: something they did, something said of them, a day that passed, a version that went live. */
export type Cause = 'event' | 'profile' | 'time' | 'version';

export interface Judging {
  readonly ids: readonly number[];
  /** Those that may have changed their answer; the others stand. */
  readonly rules: readonly JudgedRule[];
  /** What judging them reads: `readsOf` these rules and this upkeep. */
  readonly reads: Touches;
  /** Every live rule is among them: when somebody is due again is then known exactly. */
  readonly every: boolean;
  /** Stands in for the clock, which is read once the people are locked: nobody is judged by a moment that is over. */
  readonly at?: Date | undefined;
  readonly cause: Cause;
  /**
   * What Boucle keeps up of them is told first: what the purchases of `buyers` come to, and of everybody state and
   * interests. The rules that read any of it are among `rules`, and the transaction has said that it judges
   * (boucle.judging).
   */
  readonly keepUp?: { readonly by: Upkeep; readonly buyers: readonly number[] } | undefined;
}

export interface MembershipChange {
  readonly profileId: number;
  readonly segment: string;
  readonly version: number;
  readonly entered: boolean;
}

/**
 * Judges people by live rules, and writes who has entered and who has left: members, their history, subscribed webhooks,
 * and when each is due again though nothing happens. One judge at a time for a person: their clocks are locked first, in
 * the order of ids, and everything is read after that. Somebody merged into another profile is in no segment.
 */
export async function judge(
  tx: Tx,
  { ids, rules, reads, every, at, cause, keepUp }: Judging,
): Promise<MembershipChange[]> {
  if (ids.length === 0) return [];
  const sorted = [...new Set(ids)].sort((a, b) => a - b);
  // Sent together: one connection takes them one after the other, so that all is read once everybody is locked.
  const look = () =>
    Promise.all([
      lockClocks(tx, sorted),
      tellValue(tx, keepUp?.buyers ?? [], at),
      loadSubjects(tx, sorted, reads, at),
      membershipsOf(tx, sorted),
    ]);
  let seen = await look();
  // Somebody's clock was just being added by another transaction: it is there now.
  if (seen[0].due.size < sorted.length) seen = await look();
  const [clocks, , subjects, members] = seen;
  const now = at ?? clocks.now;
  const standings: ({ readonly id: number } & Standing)[] = [];
  const changes: MembershipChange[] = [];
  const due: { id: number; ms: number | null }[] = [];
  const nowMs = now.getTime();
  for (const id of sorted) {
    const loaded = subjects.get(id);
    const subject =
      loaded === undefined || keepUp === undefined ? loaded : standing(loaded, keepUp.by, nowMs);
    if (subject !== undefined && subject !== loaded) standings.push({ id, ...told(subject) });
    const inside = members.get(id) ?? NOWHERE;
    for (const { segment, version, rule } of rules) {
      const holds = subject !== undefined && matches(rule, subject, nowMs);
      if (holds !== inside.has(segment)) changes.push({ profileId: id, segment, version, entered: holds });
    }
    const known = clocks.due.get(id) ?? null;
    const turns = subject === undefined ? null : dueOf(rules, subject, nowMs);
    const next =
      subject === undefined || keepUp === undefined
        ? turns
        : earlier(turns, standingDue(keepUp.by.states, subject, nowMs));
    // After some rules only, the earlier of what was known and what they say: too early is judged once too often.
    const ms = every ? next : earlier(known, next);
    if (ms !== known) due.push({ id, ms });
  }
  await Promise.all([
    writeStandings(tx, standings),
    writeChanges(tx, changes, now, cause),
    writeDue(tx, due),
  ]);
  return changes;
}

/** What judging people by rules, and keeping them up, reads of them. */
export function readsOf(rules: readonly JudgedRule[], upkeep: Upkeep | undefined): Touches {
  const touches = touchesOf([...rules, ...(upkeep?.states ?? [])].map(({ rule }) => rule));
  // The strongest of all is looked for.
  return upkeep === undefined ? touches : { ...touches, interests: new Set([...touches.interests, 'any']) };
}

const told = ({ derived }: RuleSubject): Standing => ({
  state: textOf(derived['state']),
  behavior_cluster: textOf(derived['behavior_cluster']),
});
const textOf = (value: AttributeValue | undefined): string | null =>
  typeof value === 'string' ? value : null;

/** The same object where nothing about it is new. */
function standing(subject: RuleSubject, { states }: Upkeep, nowMs: number): RuleSubject {
  const before = told(subject);
  const now = standingOf(states, subject, nowMs);
  if (now.state === before.state && now.behavior_cluster === before.behavior_cluster) return subject;
  return { ...subject, derived: { ...subject.derived, ...now } };
}

const NOWHERE: ReadonlySet<string> = new Set();

/** In epoch milliseconds; null: never. */
const earlier = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b);

interface Clocks {
  /** When each is due (epoch milliseconds). */
  readonly due: ReadonlyMap<number, number | null>;
  /** A moment at which all of them were locked. */
  readonly now: Date;
}

/** Whoever has none is given one. */
async function lockClocks(tx: Tx, sorted: readonly number[]): Promise<Clocks> {
  // The clock is read as each comes out of the lock: the last is past them all.
  const rows = await tx<{ id: number; due_at: Date | null; now: Date }[]>`
    with locked as materialized (
      select profile_id, due_at from profile_clock where profile_id = any(array(select unnest(${arrayLiteral(sorted)}::bigint[])))
      order by profile_id for update
    ), added as (
      insert into profile_clock (profile_id)
      select id from unnest(${arrayLiteral(sorted)}::bigint[]) id
      where not exists (select from profile_clock c where c.profile_id = id) order by id
      on conflict do nothing returning profile_id
    )
    select profile_id as id, due_at, clock_timestamp() as now from locked
    union all
    select profile_id, null, clock_timestamp() from added`;
  return {
    due: new Map(rows.map(({ id, due_at }) => [id, due_at?.getTime() ?? null])),
    now: rows.at(-1)?.now ?? new Date(),
  };
}

async function membershipsOf(
  tx: Tx,
  ids: readonly number[],
): Promise<ReadonlyMap<number, ReadonlySet<string>>> {
  const rows = await tx<{ id: number; segments: string[] }[]>`
    select profile_id as id, array_agg(segment) as segments from segment_members
    where profile_id = any(array(select unnest(${arrayLiteral(ids)}::bigint[]))) group by 1`;
  return new Map(rows.map(({ id, segments }) => [id, new Set(segments)]));
}

function dueOf(rules: readonly JudgedRule[], subject: RuleSubject, nowMs: number): number | null {
  let earliest = Infinity;
  for (const { rule, touches } of rules) {
    if (!touches.time) continue;
    const at = nextDue(rule, subject, nowMs);
    if (at !== null && at < earliest) earliest = at;
  }
  return earliest === Infinity ? null : earliest;
}

/** Who entered and who left: members, history, subscribed webhooks. */
export async function writeChanges(
  tx: Tx,
  changes: readonly MembershipChange[],
  now: Date,
  cause: Cause,
): Promise<void> {
  if (changes.length === 0) return;
  await tx`
    with changed as (
      select * from json_to_recordset(${JSON.stringify(changes)}::text::json)
        as x("profileId" bigint, segment text, version int, entered boolean)
    ), left_ as (
      delete from segment_members m using changed c
      where not c.entered and m.segment = c.segment and m.profile_id = c."profileId"
        -- Of a record set's hundred rows, all members would be read; of an array, those of a few people.
        and m.profile_id = any(array(select "profileId" from changed where not entered))
    ), entered as (
      insert into segment_members (segment, profile_id, since)
      select segment, "profileId", ${now}::timestamptz from changed where entered
      on conflict do nothing
    ), noted as (
      insert into membership_changes (segment, version, profile_id, entered, at, cause)
      select segment, version, "profileId", entered, ${now}::timestamptz, ${cause} from changed order by "profileId", segment
      returning id, segment, version, profile_id, entered, at, cause
    ), told as (
      select 'membership:' || id as event_id, jsonb_build_object('segment', segment, 'version', version,
        'profileId', profile_id, 'at', at, 'cause', cause) as payload, entered
      from noted
    ), told_entries as (
      insert into webhook_outbox (subscription_id, event_id, event, payload)
      select s.id, t.event_id, case when t.entered then 'segment.entered' else 'segment.left' end, t.payload
      from told t join webhook_subscriptions s
        on s.disabled_at is null and case when t.entered then 'segment.entered' else 'segment.left' end = any(s.events)
      on conflict (subscription_id, event_id) do nothing
    )
    select`;
}

async function writeDue(
  tx: Tx,
  due: readonly { readonly id: number; readonly ms: number | null }[],
): Promise<void> {
  if (due.length === 0) return;
  const rows = due.map(({ id, ms }) => ({ id, at: ms === null ? null : new Date(ms).toISOString() }));
  await tx`
    update profile_clock c set due_at = d.at
    from json_to_recordset(${JSON.stringify(rows)}::text::json) as d(id bigint, at timestamptz)
    where c.profile_id = d.id and c.profile_id = any(array(select unnest(${arrayLiteral(due.map(({ id }) => id))}::bigint[])))`;
}
