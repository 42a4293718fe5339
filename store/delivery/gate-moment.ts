import { ahead, type Contender } from '../../domain/frequency/arbitration';
import { calendarWindow, type CalendarUnit } from '../../domain/frequency/calendar-window';
import { capsOn, covers, type NamedCap } from '../../domain/frequency/cap';
import { opensAt } from '../../domain/frequency/opening';
import type { QuietHours } from '../../domain/frequency/quiet-hours';
import { zoneOf } from '../../domain/frequency/zone';
import type { Rule } from '../../domain/segments/rule';
import type { Channel } from '../../domain/shared/words';
import type { Sql, Tx } from '../db';
import { createPoliciesStore } from '../policies-store';
import { readRule } from '../segments-store';
import { readContenders, type Rival } from './contenders';
import type { StepTerms } from './wave-terms';

/** A cap as it stands now. */
export interface LiveCap extends NamedCap {
  /** Of the segment it names, the latest version; null: it names none. */
  readonly segmentRule: Rule | null;
}

/** What the rules in force say about a batch of people at this moment; the judging statement takes it as given. */
export interface GateMoment {
  readonly now: Date;
  readonly caps: readonly LiveCap[];
  /** Somebody of the batch has stated preferences. */
  readonly stated: boolean;
  /** When a channel opens for somebody; who may be written to at once is not in it. ISO 8601, or `infinity`. */
  readonly openings: readonly { profileId: number; channel: Channel; at: string }[];
  /** Calendar windows of the caps that have one, [since, until). */
  readonly windows: readonly { profileId: number; unit: CalendarUnit; since: Date; until: Date }[];
  /** Campaigns that go before this one where a cap has no slot for both, the best first. */
  readonly rivals: readonly (Rival & { readonly caps: readonly string[] })[];
  /** Millionths of a euro; null: the campaign has no budget. */
  readonly budgetLeft: number | null;
}

interface Place {
  readonly now: Date;
  readonly market: string;
  readonly timezone: string | null;
  readonly area: string | null;
  readonly hour: number | null;
  readonly ids: readonly number[];
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
  { lock }: { readonly lock: boolean },
): Promise<GateMoment> {
  const { rule } = terms;
  const policies = createPoliciesStore(tx);
  const [places, caps, quiet, wishes, contenders, budget] = await Promise.all([
    readPlaces(tx, ids, rule.caps || rule.quietHours, lock),
    rule.caps ? policies.list('cap') : {},
    rule.quietHours ? policies.list('quiet-hours') : {},
    readWishes(tx, ids),
    rule.caps ? readContenders(tx, terms) : { own: null, rivals: [] },
    lock ? lockBudget(tx, terms.campaignId) : null,
  ]);
  const now = places[0]?.now ?? new Date();
  const live = await withSegments(tx, capsOn(caps, terms));
  return {
    now,
    caps: live,
    stated: wishes.length > 0,
    openings: rule.quietHours ? openingsOf(terms, Object.values(quiet), places, wishes, now) : [],
    windows: windowsOf(live, places, now),
    rivals: contenders.own === null ? [] : rivalsOn(live, contenders.own, contenders.rivals, now),
    budgetLeft: budget,
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
    if (lock) await tx`select from profiles where id = any(${[...ids]}::bigint[]) ${locking}`;
    return [];
  }
  return tx<Place[]>`
    with person as materialized (
      select id, market, timezone, area, attributes -> 'send_hour' as hour
      from profiles where id = any(${[...ids]}::bigint[]) ${locking}
    )
    select clock_timestamp() as now, market, timezone, area,
      case when jsonb_typeof(hour) = 'number' and hour::numeric between 0 and 23 then trunc(hour::numeric)::int end as hour,
      array_agg(id) as ids
    from person group by market, timezone, area, hour`;
}

interface Wish {
  readonly profileId: number;
  readonly sendHour: number | null;
}

const readWishes = (tx: Sql | Tx, ids: readonly number[]): Promise<readonly Wish[]> =>
  tx<Wish[]>`
    select profile_id as "profileId", send_hour as "sendHour" from preferences
    where profile_id = any(${[...ids]}::bigint[])`.then((rows) => [...rows]);

/** After the people: whoever holds the budget never waits for a person. */
async function lockBudget(tx: Sql | Tx, campaignId: string): Promise<number | null> {
  const [row] = await tx<{ left: number }[]>`
    select limit_micros - spent_micros as left from campaign_budgets where campaign_id = ${campaignId} for update`;
  return row?.left ?? null;
}

async function withSegments(tx: Sql | Tx, caps: readonly NamedCap[]): Promise<LiveCap[]> {
  const keys = caps.flatMap((cap) => cap.segment ?? []);
  const rows =
    keys.length === 0
      ? []
      : await tx<{ key: string; rule: unknown }[]>`
          select distinct on (key) key, rule from segments where key = any(${keys}::text[]) order by key, version desc`;
  const ruleOf = new Map(rows.map((row) => [row.key, readRule(row.rule)]));
  return caps.flatMap((cap) => {
    if (cap.segment === undefined) return { ...cap, segmentRule: null };
    const segmentRule = ruleOf.get(cap.segment);
    // Nobody is in a segment that does not exist.
    return segmentRule === undefined ? [] : { ...cap, segmentRule };
  });
}

function openingsOf(
  terms: StepTerms,
  rules: readonly QuietHours[],
  places: readonly Place[],
  wishes: readonly Wish[],
  now: Date,
): GateMoment['openings'] {
  const wished = new Map(wishes.flatMap((w) => (w.sendHour === null ? [] : [[w.profileId, w.sendHour]])));
  const known = new Map<string, string | null>();
  return places.flatMap((place) => {
    const zone = zoneOf(place);
    const at = (channel: Channel, sendHour: number | null): string | null => {
      const key = JSON.stringify([zone, place.area, place.market, channel, sendHour]);
      let answer = known.get(key);
      if (answer === undefined) {
        const own = rules.filter((rule) => rule.market === place.market && rule.channel === channel);
        const opens = opensAt({ rules: own, zone, area: place.area, sendHour }, now);
        answer = opens instanceof Date ? opens.toISOString() : opens;
        known.set(key, answer);
      }
      return answer;
    };
    return terms.channels.flatMap((channel) =>
      place.ids.flatMap((profileId) => {
        const opens = at(channel, wished.get(profileId) ?? place.hour ?? terms.sendHour);
        return opens === null ? [] : { profileId, channel, at: opens };
      }),
    );
  });
}

function windowsOf(caps: readonly LiveCap[], places: readonly Place[], now: Date): GateMoment['windows'] {
  const units = [...new Set(caps.flatMap((cap) => cap.calendar ?? []))];
  return units.flatMap((unit) =>
    places.flatMap((place) => {
      const window = calendarWindow(unit, zoneOf(place), now);
      return place.ids.map((profileId) => ({ profileId, unit, ...window }));
    }),
  );
}

/** Rivals that go first, with the caps they stand under together with us. */
const rivalsOn = (
  caps: readonly LiveCap[],
  own: Contender,
  rivals: readonly Rival[],
  now: Date,
): GateMoment['rivals'] =>
  ahead(own, rivals, now)
    .map((rival) => ({ ...rival, caps: caps.filter((cap) => covers(cap, rival)).map(({ key }) => key) }))
    .filter((rival) => rival.caps.length > 0);
