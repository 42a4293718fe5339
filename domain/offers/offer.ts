import { DateTime } from 'luxon';
import { z } from 'zod';
import { zoneOf } from '../frequency/zone';
import { offerNamed } from '../segments/persona-matrix';
import { storableText } from '../shared/text';

/** What people are given a code for: what the persona matrix names. */
export const offerCodeSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/, 'letters, digits, dashes and underscores')
  .refine((code) => offerNamed(code) !== null, 'the persona matrix reads this word as no offer');

const day = z.iso.date();

export const offerSchema = z
  .strictObject({
    name: storableText(120).min(1),
    from: day.optional().describe('The first day it holds; left out: at once.'),
    until: day.optional().describe('The last day it holds; left out: without end.'),
    conditions: storableText(2_000).default('').describe('What a lawyer wants said of it.'),
    markets: z.array(storableText(20).min(1)).max(50).default([]).describe('None: every market.'),
  })
  .refine((offer) => offer.from === undefined || offer.until === undefined || offer.from <= offer.until, {
    message: 'ends before it begins',
    path: ['until'],
  });
export type Offer = z.infer<typeof offerSchema>;

/** Whether its last day is past in every market it is for (of none: in the one named, or in France), by their own days. */
export function isOver(offer: Offer, now: Date, market = 'FR'): boolean {
  const { until, markets } = offer;
  if (until === undefined) return false;
  return (markets.length === 0 ? [market] : markets).every((one) => until < dayIn(one, now));
}

/** Why people of a market cannot be given a code today; null: they can. An offer that is still to begin may be announced. */
export function offerFault(
  code: string,
  offer: Offer | undefined,
  { market, now }: { readonly market: string; readonly now: Date },
): string | null {
  if (offer === undefined) return `there is no offer ${code}`;
  if (offer.markets.length > 0 && !offer.markets.includes(market))
    return `the offer ${code} is not for the market ${market}`;
  return isOver({ ...offer, markets: [market] }, now) ? `the offer ${code} ended on ${offer.until}` : null;
}

const dayIn = (market: string, now: Date): string =>
  DateTime.fromJSDate(now, { zone: zoneOf({ timezone: null, area: null, market }) }).toFormat('yyyy-MM-dd');
