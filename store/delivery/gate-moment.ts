import { ahead, type Contender } from '../../domain/frequency/arbitration';
import { calendarWindow, type CalendarUnit } from '../../domain/frequency/calendar-window';
import { capsOn, covers, type NamedCap } from '../../domain/frequency/cap';
import { zoneOf } from '../../domain/frequency/zone';
import { drawnHoldouts, type DrawnHoldout } from '../../domain/delivery/holdout';
import { tooDear } from '../../domain/delivery/too-dear';
import type { Channel } from '../../domain/shared/words';
import type { ResolvedRule } from '../../domain/segments/rule';
import { arrayLiteral } from '../array-literal';
import type { Sql, Tx } from '../db';
import { personasWithoutOffer } from '../offers-store';
import { createPoliciesStore } from '../policies-store';
import { resolvedLiveRules } from '../segments/live-rules';
import { readContenders, type Rival } from './contenders';
import { openingsOf, type Closings, type Opening, type Place, type Wish } from './gate-openings';
import type { CreativeRef } from './ledger-sql';
import { spanOf, type Span } from './span';
import type { StepTerms } from './wave-terms';

/** A cap as it stands now. */
export interface LiveCap extends NamedCap {
  /** Of the segment it names, the live version; null: it names none. */
  readonly segmentRule: ResolvedRule | null;
}

/** What the rules in force say about a batch of people at this moment; the judging statement takes it as given. */
export interface GateMoment {
  readonly now: Date;
  /** Where the batch lies. */
  readonly span: Span;
  readonly caps: readonly LiveCap[];
  /** Populations no campaign touches; none for a message that is owed. */
  readonly holdouts: readonly DrawnHoldout[];
  /** Somebody of the batch has stated preferences. */
  readonly stated: boolean;
  readonly openings: readonly Opening[];
  readonly closings: Closings;
  /** Calendar windows of the caps that have one, [since, until). */
  readonly windows: readonly { profileId: number; unit: CalendarUnit; since: Date; until: Date }[];
  /** Campaigns that go before this one where a cap has no slot for both, the best first. */
  readonly rivals: readonly (Rival & { readonly caps: readonly string[] })[];
  /** Millionths of a euro; null: the campaign has no budget. */
  readonly budgetLeft: number | null;
  /** Channels it no longer pays for, where it does for another. */
  readonly tooDear: readonly Channel[];
  /** Personas whose offer has ended, or is taken from the market, since their messages were made. */
  readonly offerless: readonly string[];
}

/**
 * Reads the policies, people's places and wishes, rivals and the budget, in one round trip. With `lock` it first takes
 * the people's rows, sorted, so that two campaigns after the same people wait for each other instead of locking each
 * other out; what is read after that is as the one before left it.
 */
export async function gateMoment(
  tx: Sql | Tx,
  terms: StepTerms,
  ids: readonly number[],
  {
    lock,
    prices = [],
    aheadSeconds = 0,
  }: {
    readonly lock: boolean;
    readonly prices?: readonly CreativeRef[];
    /** Calendar windows are those of so much later, moved back to now: a forecast moves the contacts likewise. */
    readonly aheadSeconds?: number;
  },
): Promise<GateMoment> {
  const { rule } = terms;
  const policies = createPoliciesStore(tx);
  const [places, caps, quiet, holdouts, wishes, contenders, budget, offerless] = await Promise.all([
    readPlaces(tx, ids, rule.caps || rule.quietHours, lock),
    rule.caps ? policies.list('cap') : {},
    rule.quietHours ? policies.list('quiet-hours') : {},
    rule.holdout ? policies.list('holdout') : {},
    readWishes(tx, ids),
    rule.caps ? readContenders(tx, terms) : null,
    lock ? lockBudget(tx, terms.campaignId) : null,
    rule.commercial
      ? personasWithoutOffer(tx, terms.campaignId, { market: terms.market, now: new Date() })
      : [],
  ]);
  const now = places[0]?.now ?? new Date();
  const live = await withSegments(tx, capsOn(caps, terms));
  return {
    now,
    span: spanOf(ids),
    caps: live,
    holdouts: drawnHoldouts(holdouts, now),
    stated: wishes.length > 0,
    ...openingsOf(terms, rule.quietHours ? Object.values(quiet) : null, places, wishes, now),
    windows: windowsOf(live, places, now, aheadSeconds * 1_000),
    rivals: contenders === null ? [] : rivalsOn(live, contenders.own, contenders.rivals),
    budgetLeft: budget,
    tooDear: budget === null ? [] : tooDear(terms.channels, prices, budget),
    offerless,
  };
}

/** Each place people of the batch are in, once. Where nothing depends on it, nobody's is read. */
async function readPlaces(
  tx: Sql | Tx,
  ids: readonly number[],
  needed: boolean,
  lock: boolean,
): Promise<readonly Place[]> {
  const locking = lock ? tx`order by id for no key update` : tx``;
  if (!needed) {
    if (lock) await tx`select from profiles where id = any(${arrayLiteral(ids)}::bigint[]) ${locking}`;
    return [];
  }
  return tx<Place[]>`
    with person as materialized (
      select id, market, timezone, area, attributes -> 'send_hour' as hour
      from profiles where id = any(${arrayLiteral(ids)}::bigint[]) ${locking}
    )
    select clock_timestamp() as now, market, timezone, area,
      case when jsonb_typeof(hour) = 'number' and hour::numeric between 0 and 23 then trunc(hour::numeric)::int end as hour,
      array_agg(id) as ids
    from person group by market, timezone, area, hour`;
}

const readWishes = (tx: Sql | Tx, ids: readonly number[]): Promise<readonly Wish[]> =>
  tx<Wish[]>`
    select profile_id as "profileId", send_hour as "sendHour" from preferences
    where profile_id = any(${arrayLiteral(ids)}::bigint[])`.then((rows) => [...rows]);

/** After the people: whoever holds the budget never waits for a person. */
async function lockBudget(tx: Sql | Tx, campaignId: string): Promise<number | null> {
  const [row] = await tx<{ left: number }[]>`
    select limit_micros - spent_micros as left from campaign_budgets where campaign_id = ${campaignId} for update`;
  return row?.left ?? null;
}

async function withSegments(tx: Sql | Tx, caps: readonly NamedCap[]): Promise<LiveCap[]> {
  const ruleOf = await resolvedLiveRules(
    tx,
    caps.flatMap((cap) => cap.segment ?? []),
  );
  return caps.flatMap((cap) => {
    if (cap.segment === undefined) return { ...cap, segmentRule: null };
    const segmentRule = ruleOf.get(cap.segment);
    // Nobody is in a segment that is not live.
    return segmentRule === undefined ? [] : { ...cap, segmentRule };
  });
}

function windowsOf(
  caps: readonly LiveCap[],
  places: readonly Place[],
  now: Date,
  aheadMs: number,
): GateMoment['windows'] {
  const moved = (date: Date, ms: number): Date => new Date(date.getTime() + ms);
  const units = [...new Set(caps.flatMap((cap) => cap.calendar ?? []))];
  return units.flatMap((unit) =>
    places.flatMap((place) => {
      const window = calendarWindow(unit, zoneOf(place), moved(now, aheadMs));
      const since = moved(window.since, -aheadMs);
      const until = moved(window.until, -aheadMs);
      return place.ids.map((profileId) => ({ profileId, unit, since, until }));
    }),
  );
}

/** Rivals that go first, with the caps they stand under together with us. */
const rivalsOn = (caps: readonly LiveCap[], own: Contender, rivals: readonly Rival[]): GateMoment['rivals'] =>
  ahead(own, rivals)
    .map((rival) => ({ ...rival, caps: caps.filter((cap) => covers(cap, rival)).map(({ key }) => key) }))
    .filter((rival) => rival.caps.length > 0 && rival.claims.length > 0);
