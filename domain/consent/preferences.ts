import { DateTime } from 'luxon';
import { z } from 'zod';
import { plausibleInstant } from '../shared/time';
import { CHANNELS, type Channel } from '../shared/words';

/** What somebody wishes about being written to, beside what they consent to. */
export interface Preferences {
  /** No marketing until then; null: no pause. */
  readonly pausedUntil: Date | null;
  readonly preferredChannel: Channel | null;
  readonly refusedTopics: readonly string[];
  /** At most so many newsletters; rules over the cap. null: the cap stands. */
  readonly newsletter: { readonly limit: number; readonly days: number } | null;
  /** Hour of the day messages should come at, in the person's zone. */
  readonly sendHour: number | null;
}

export const NO_PREFERENCES: Preferences = {
  pausedUntil: null,
  preferredChannel: null,
  refusedTopics: [],
  newsletter: null,
  sendHour: null,
};

const topicKey = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and dashes');

/** As a caller of ours sets them, whole. */
export const preferencesSchema = z.strictObject({
  pausedUntil: plausibleInstant.nullable().default(null),
  preferredChannel: z.enum(CHANNELS).nullable().default(null),
  refusedTopics: z
    .array(topicKey)
    .max(100)
    .default([])
    .transform((topics) => [...new Set(topics)].sort()),
  newsletter: z
    .strictObject({ limit: z.int().min(0).max(1_000), days: z.number().min(1).max(366) })
    .nullable()
    .default(null)
    .describe('At most `limit` newsletters in `days` days, whatever the cap says; null: the cap stands.'),
  sendHour: z.int().min(0).max(23).nullable().default(null).describe('In the person’s zone.'),
});

/**
 * How often somebody wants newsletters, as a limit that takes the cap's place. `each` lets every issue through: no one
 * publishes a thousand a day.
 */
export const FREQUENCIES = {
  each: { limit: 1_000, days: 1 },
  weekly: { limit: 1, days: 7 },
  monthly: { limit: 1, days: 30 },
} as const satisfies Record<string, Preferences['newsletter']>;
export type Frequency = keyof typeof FREQUENCIES;
export const FREQUENCY_NAMES = ['each', 'weekly', 'monthly'] as const satisfies readonly Frequency[];

export const frequencyOf = ({ newsletter }: Preferences): Frequency | null =>
  FREQUENCY_NAMES.find(
    (name) => newsletter?.limit === FREQUENCIES[name].limit && newsletter.days === FREQUENCIES[name].days,
  ) ?? null;

/** How long a pause may last. */
export const PAUSES = ['week', 'month', 'quarter'] as const;
export type Pause = (typeof PAUSES)[number];

const PAUSE_LENGTHS = { week: { weeks: 1 }, month: { months: 1 }, quarter: { months: 3 } } as const;

/** The end of a pause that begins now: calendar months, so that a month from 31 January ends in February. */
export const pauseEnd = (pause: Pause, now: Date): Date =>
  DateTime.fromJSDate(now, { zone: 'utc' }).plus(PAUSE_LENGTHS[pause]).toJSDate();
