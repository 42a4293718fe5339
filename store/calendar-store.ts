import { calendarWindow } from '../domain/frequency/calendar-window';
import type { CapRule, CapRules } from '../domain/frequency/cap';
import { countsAgainst, strictestCap, windowDaysOf } from '../domain/frequency/pressure';
import { zoneOf } from '../domain/frequency/zone';
import { BoucleError } from '../domain/shared/errors';
import { calendarDays, type CalendarDay, type CalendarRange } from './calendar/days';
import { onePerson, type PersonContact, type PersonPlanned } from './calendar/one-person';
import { plannedSpans } from './calendar/open-campaigns';
import { peoplePressure, type PeoplePressure } from './calendar/people-pressure';
import { heldBack, type HeldBack } from './calendar/told-so';
import type { Sql } from './db';
import { createPoliciesStore } from './policies-store';
import { reading } from './reading';
import { ruleSql } from './segment-sql';
import { resolvedLiveRules } from './segments/live-rules';
import { whoIsHeld } from './who-is-held';

export interface CalendarQuery {
  /** Local days of the market, both of them in it. */
  readonly from: string;
  readonly to: string;
  readonly market: string;
  readonly department: string | null;
  /** Only people of this segment. */
  readonly segment: string | null;
}

export interface Calendar extends CalendarRange {
  readonly days: readonly CalendarDay[];
  readonly heldBack: readonly HeldBack[];
  readonly pressure: {
    /** The cap whose window is looked at; null: none limits, and two weeks are taken. */
    readonly cap: string | null;
    readonly windowDays: number;
    readonly overall: PeoplePressure;
    readonly segment: PeoplePressure | null;
  };
}

export interface CapUse {
  readonly key: string;
  readonly rule: CapRule;
  /** Contacts that count in the window which ends now, or in today's calendar window. */
  readonly used: number;
  /** Messages still planned for this person that would count. */
  readonly planned: number;
}

export interface ProfilePressure {
  readonly profileId: number;
  readonly timezone: string;
  readonly contacts: readonly PersonContact[];
  readonly planned: readonly PersonPlanned[];
  readonly caps: readonly CapUse[];
}

const DAY_MS = 86_400_000;
/** Looked at where no cap says otherwise. */
const DEFAULT_WINDOW_DAYS = 14;

/** What was sent, what is planned, and how it weighs on people. Reads only. */
export function createCalendarStore(sql: Sql, clock: () => Date = () => new Date()) {
  const policies = createPoliciesStore(sql);

  return {
    /** Throws segment-unknown. */
    async calendar(query: CalendarQuery): Promise<Calendar> {
      const now = clock();
      const { from, to, market, department } = query;
      const timezone = zoneOf({ timezone: null, area: null, market });
      const segment =
        query.segment === null
          ? null
          : ((await resolvedLiveRules(sql, [query.segment])).get(query.segment) ?? null);
      if (query.segment !== null && segment === null)
        throw new BoucleError('segment-unknown', 'No segment has this key.', [
          { path: '/query/segment', message: 'no segment has this key' },
        ]);
      const strictest = strictestCap(await policies.list('cap'));
      const windowDays = strictest?.windowDays ?? DEFAULT_WINDOW_DAYS;
      // The end of the last day, or later by as much as zones differ: what is planned lies on days anyway.
      const until = new Date(Date.parse(`${to}T00:00:00Z`) + 2 * DAY_MS);
      const since = new Date(Date.parse(`${from}T00:00:00Z`) - DAY_MS);
      return reading(sql, async (tx) => {
        const spans = await plannedSpans(tx, now, market);
        const everybody = tx`(p.merged_into is null and p.market = ${market})`;
        const of = segment === null ? null : tx`(${everybody} and ${ruleSql(tx, segment, now)})`;
        const weigh = (who: typeof everybody): Promise<PeoplePressure> =>
          peoplePressure(tx, { who, windowDays, spans, now, until });
        return {
          from,
          to,
          timezone,
          days: await calendarDays(tx, { from, to, timezone, who: of ?? everybody, department, spans, now }),
          heldBack: await heldBack(tx, { since, market, department }),
          pressure: {
            cap: strictest?.key ?? null,
            windowDays,
            overall: await weigh(everybody),
            segment: of === null ? null : await weigh(of),
          },
        };
      });
    },

    /** One person's contacts within the longest window of any cap, and what is planned for them. Throws not-found. */
    async ofProfile(profileId: number): Promise<ProfilePressure> {
      const now = clock();
      const caps = await policies.list('cap');
      const [person] = await sql<{ market: string; area: string | null; timezone: string | null }[]>`
        select market, area, timezone from profiles where id = ${profileId}`;
      if (person === undefined) throw new BoucleError('not-found', 'No such profile.');
      const timezone = zoneOf(person);
      const longest = Object.values(caps).reduce((days, rule) => Math.max(days, windowDaysOf(rule) + 1), 0);
      const since = new Date(now.getTime() - Math.max(longest, DEFAULT_WINDOW_DAYS) * DAY_MS);
      const spans = await plannedSpans(sql, now, person.market);
      const { contacts, planned } = await onePerson(sql, { profileId, since, spans, now });
      const held = await capsOf(profileId, caps, now);
      return {
        profileId,
        timezone,
        contacts,
        planned,
        caps: held.map(([key, rule]) => {
          const start = windowStart(rule, timezone, now);
          return {
            key,
            rule,
            used: contacts.filter((c) => c.at > start && c.at <= now && countsAgainst(rule, c)).length,
            planned: planned.filter((message) => countsAgainst(rule, message)).length,
          };
        }),
      };
    },

    /** How many people a scenario would write to: what its last dry run counted, else who matches its segment now. */
    async expectedPeople(
      scenarioKey: string,
    ): Promise<{ name: string; department: string; people: number } | null> {
      const [row] = await sql<
        { name: string; department: string; market: string; segment: string; forecast: number | null }[]
      >`
        select s.definition ->> 'name' as name, s.definition ->> 'department' as department,
          coalesce(s.definition ->> 'market', 'FR') as market, s.definition -> 'audience' ->> 'segment' as segment,
          (select (r.report -> 'audience' ->> 'members')::bigint from dry_runs r
            where r.scenario_key = s.key order by r.created_at desc limit 1) as forecast
        from scenarios s where s.key = ${scenarioKey} order by (s.status = 'validated') desc, s.version desc limit 1`;
      if (row === undefined) return null;
      const { name, department, segment: key, forecast } = row;
      if (forecast !== null) return { name, department, people: forecast };
      return { name, department, people: await sizeOf(key) };
    },
  };

  async function sizeOf(key: string): Promise<number> {
    const rule = (await resolvedLiveRules(sql, [key])).get(key);
    if (rule === undefined) return 0;
    const [row] = await sql<
      { n: number }[]
    >`select count(*) as n from profiles p where p.merged_into is null and ${ruleSql(sql, rule, new Date())}`;
    return row?.n ?? 0;
  }

  /** The caps that hold somebody: all but those of a segment or kind of recipient they are not. */
  async function capsOf(profileId: number, caps: CapRules, now: Date): Promise<[string, CapRule][]> {
    const held: [string, CapRule][] = [];
    const live = await resolvedLiveRules(
      sql,
      Object.values(caps).flatMap((rule) => rule.segment ?? []),
    );
    for (const [key, rule] of Object.entries(caps)) {
      const segment = rule.segment === undefined ? null : (live.get(rule.segment) ?? null);
      if (rule.segment !== undefined && segment === null) continue;
      const who = whoIsHeld(sql, rule, segment, now);
      const { count } = await sql`select from profiles p where p.id = ${profileId} and ${who}`;
      if (count > 0) held.push([key, rule]);
    }
    return held;
  }
}

/** After this moment a contact counts. A calendar window has its first instant in it. */
const windowStart = (rule: CapRule, zone: string, now: Date): Date =>
  rule.calendar === undefined
    ? new Date(now.getTime() - windowDaysOf(rule) * DAY_MS)
    : new Date(calendarWindow(rule.calendar, zone, now).since.getTime() - 1);

export type CalendarStore = ReturnType<typeof createCalendarStore>;
