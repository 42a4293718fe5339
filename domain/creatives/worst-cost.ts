import { letterKindOn } from '../delivery/letter-kind';
import { letterGrams, letterPages } from '../delivery/letter-size';
import { smsSegments } from '../delivery/sms-segments';
import { costMicros, type UnitCost } from '../delivery/unit-cost';
import type { Channel, LetterKind } from '../shared/words';

/** Paragraphs of a letter's text. */
export const paragraphsOf = (text: string): readonly string[] =>
  text
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== '');

/**
 * Most that one message may cost, in millionths of a euro: the longest of its texts, filled in for the people it gets
 * longest for. A budget that reserves this much is never passed. null: a letter heavier than any that has a price.
 */
export function worstCostMicros(
  channel: Channel,
  texts: readonly string[],
  letterKind: LetterKind,
  costs: readonly UnitCost[],
): number | null {
  switch (channel) {
    case 'sms':
      return costMicros(
        costs,
        channel,
        null,
        Math.max(1, ...texts.map((text) => smsSegments(text).segments)),
      );
    case 'letter':
    case 'e-letter': {
      const pages = Math.max(1, ...texts.map((text) => letterPages(paragraphsOf(text))));
      return costMicros(costs, channel, letterKindOn(channel, letterKind), letterGrams(pages));
    }
    default:
      return costMicros(costs, channel, null, 1);
  }
}
