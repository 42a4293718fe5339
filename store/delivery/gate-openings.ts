import { closesAt, opensAt } from '../../domain/frequency/opening';
import type { QuietHours } from '../../domain/frequency/quiet-hours';
import { zoneOf } from '../../domain/frequency/zone';
import type { Weekday } from '../../domain/frequency/weekday';
import type { Channel } from '../../domain/shared/words';
import type { StepTerms } from './wave-terms';

/** People of a batch who live under the same rules. */
export interface Place {
  readonly now: Date;
  readonly market: string;
  readonly timezone: string | null;
  readonly area: string | null;
  readonly hour: number | null;
  readonly ids: readonly number[];
}

export interface Wish {
  readonly profileId: number;
  readonly sendHour: number | null;
}

/** When a channel opens for somebody: ISO 8601, or `infinity`. Who may be written to at once has none. */
export interface Opening {
  readonly profileId: number;
  readonly channel: Channel;
  /** Of the arm they may be in: an ordinal of `armMoments` from 1; 0: any other arm. */
  readonly moment: number;
  readonly at: string;
}

/** By channel and person, when it closes to who may be written to at once; who is not in it need not hurry. */
export type Closings = ReadonlyMap<Channel, ReadonlyMap<number, Date>>;

interface Answer {
  readonly opens: string | null;
  readonly closes: Date | null;
}

/** Each place and hour is asked once. rules: null where the nature of the message has no quiet hours. */
export function openingsOf(
  terms: StepTerms,
  rules: readonly QuietHours[] | null,
  places: readonly Place[],
  wishes: readonly Wish[],
  now: Date,
): { readonly openings: Opening[]; readonly closings: Closings } {
  const openings: Opening[] = [];
  const closings = new Map<Channel, Map<number, Date>>();
  if (rules === null) return { openings, closings };
  const wished = new Map(wishes.flatMap((w) => (w.sendHour === null ? [] : [[w.profileId, w.sendHour]])));
  const known = new Map<string, Answer>();

  const answerFor = (place: Place, channel: Channel, sendHour: number | null, sendDay: Weekday | null) => {
    const zone = zoneOf(place);
    const key = JSON.stringify([zone, place.area, place.market, channel, sendHour, sendDay]);
    const before = known.get(key);
    if (before !== undefined) return before;
    const own = rules.filter((rule) => rule.market === place.market && rule.channel === channel);
    const at = { rules: own, zone, area: place.area };
    const opens = opensAt({ ...at, sendHour, sendDay }, now);
    const answer: Answer = {
      opens: opens instanceof Date ? opens.toISOString() : opens,
      closes: opens === null ? closesAt(at, now) : null,
    };
    known.set(key, answer);
    return answer;
  };

  const moments = [{ sendHour: null, sendDay: null }, ...terms.armMoments];
  for (const channel of terms.channels) {
    const closing = new Map<number, Date>();
    for (const place of places) {
      moments.forEach(({ sendHour, sendDay }, moment) => {
        // An arm's hour goes before what is known to suit a person, which would undo the test, and after what they asked for.
        const usual = answerFor(place, channel, sendHour ?? place.hour ?? terms.sendHour, sendDay);
        for (const profileId of place.ids) {
          const hour = wished.get(profileId);
          const { opens, closes } = hour === undefined ? usual : answerFor(place, channel, hour, sendDay);
          if (opens !== null) openings.push({ profileId, channel, moment, at: opens });
          else if (closes !== null) closing.set(profileId, closes);
        }
      });
    }
    if (closing.size > 0) closings.set(channel, closing);
  }
  return { openings, closings };
}
