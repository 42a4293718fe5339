import { proposeCaps, type CapProposal } from '../domain/frequency/cap-proposals';
import { strictestCap, windowDaysOf } from '../domain/frequency/pressure';
import { zoneOf } from '../domain/frequency/zone';
import type { Sql } from './db';
import { createPoliciesStore } from './policies-store';
import { reading } from './reading';
import { whoIsHeld } from './who-is-held';
import { resolvedLiveRules } from './segments/live-rules';
import { byDepartment, type DepartmentWeek } from './solicitation/by-department';
import { natureFacts } from './solicitation/nature-facts';
import { overSolicited, type Measure, type OverSolicited } from './solicitation/over-solicited';

/** The weeks looked at: so many whole ones before this one, and this one so far. */
export interface Weeks {
  readonly weeks: number;
  readonly market: string;
}

const WINDOW_DAYS = 14;

/** Who was solicited by whom. Reads only; people are pseudonymous. */
export function createSolicitationStore(sql: Sql) {
  const policies = createPoliciesStore(sql);

  const zone = (market: string): string => zoneOf({ timezone: null, area: null, market });

  /** The first instant of the earliest week, weeks being from Monday in the market's zone. */
  const sinceOf = async ({ weeks, market }: Weeks): Promise<Date> => {
    const [row] = await sql<{ since: Date }[]>`
      select (date_trunc('week', now() at time zone ${zone(market)}) - make_interval(weeks => ${weeks})) at time zone ${zone(market)} as since`;
    if (row === undefined) throw new Error('a select without a table answers one row');
    return row.since;
  };

  return {
    async byDepartment(weeks: Weeks): Promise<{ since: Date; timezone: string; rows: DepartmentWeek[] }> {
      const since = await sinceOf(weeks);
      const timezone = zone(weeks.market);
      const input = { since, market: weeks.market, timezone };
      const rows = await reading(sql, (tx) => byDepartment(tx, input));
      return { since, timezone, rows };
    },

    /**
     * People over a given threshold of contacts of whatever nature, or without one over any cap, at any time of the
     * weeks: also by messages that no cap held, other tools' among them.
     */
    async people(
      weeks: Weeks,
      page: {
        readonly threshold: { readonly contacts: number; readonly windowDays: number } | null;
        readonly after: number;
        readonly limit: number;
      },
    ): Promise<OverSolicited[]> {
      const { threshold, after, limit } = page;
      const measures =
        threshold === null ? await capMeasures(zone(weeks.market)) : [thresholdMeasure(threshold)];
      return overSolicited(sql, {
        measures,
        since: await sinceOf(weeks),
        market: weeks.market,
        after,
        limit,
      });
    },

    /** Caps that what happened speaks for. The window is the strictest cap's, or two weeks. */
    async proposals(weeks: Weeks): Promise<CapProposal[]> {
      const caps = await policies.list('cap');
      const windowDays = strictestCap(caps)?.windowDays ?? WINDOW_DAYS;
      const input = { since: await sinceOf(weeks), market: weeks.market, windowDays };
      const facts = await reading(sql, (tx) => natureFacts(tx, input));
      return proposeCaps(facts, caps, windowDays);
    },
  };

  function thresholdMeasure(given: { readonly contacts: number; readonly windowDays: number }): Measure {
    const any = { nature: null, channel: null, department: null, format: null };
    return {
      key: 'threshold',
      ...any,
      limit: given.contacts,
      laterSteps: true,
      window: { days: given.windowDays },
      who: sql`true`,
    };
  }

  /** A cap's own limit as the measure; one for a segment is about its people, as they are now. */
  async function capMeasures(inZone: string): Promise<Measure[]> {
    const measures: Measure[] = [];
    const caps = Object.entries(await policies.list('cap'));
    const live = await resolvedLiveRules(
      sql,
      caps.flatMap(([, rule]) => rule.segment ?? []),
    );
    for (const [key, rule] of caps) {
      const segment = rule.segment === undefined ? null : (live.get(rule.segment) ?? null);
      if (rule.limit === null || (rule.segment !== undefined && segment === null)) continue;
      measures.push({
        key,
        nature: rule.nature,
        channel: rule.channel ?? null,
        department: rule.department ?? null,
        format: rule.format ?? null,
        limit: rule.limit,
        laterSteps: rule.excludeOwnCampaign !== true,
        window:
          rule.calendar === undefined
            ? { days: windowDaysOf(rule) }
            : { calendar: rule.calendar, zone: inZone },
        who: whoIsHeld(sql, rule, segment, new Date()),
      });
    }
    return measures;
  }
}

export type SolicitationStore = ReturnType<typeof createSolicitationStore>;
