import { z } from 'zod';
import { natureRule } from '../delivery/nature-rules';
import {
  CHANNELS,
  FORMATS,
  NATURES,
  RECIPIENT_TYPES,
  type Channel,
  type Format,
  type Nature,
} from '../shared/words';

/**
 * At most `limit` contacts per person within a window; whatever is left out, every value of it counts and is held to
 * it. `limit` 0 lets nobody through; null lifts the rule without deleting it.
 */
export const capRuleSchema = z
  .strictObject({
    /** One that caps hold: service and official messages are counted, and no cap keeps anybody from them. */
    nature: z
      .enum(NATURES)
      .refine((nature) => natureRule(nature).caps, 'service and official messages are outside all caps'),
    channel: z.enum(CHANNELS).optional(),
    department: z.string().min(1).max(63).optional(),
    format: z.enum(FORMATS).optional(),
    /** Only people who are this to the company are held to it. */
    recipientType: z.enum(RECIPIENT_TYPES).optional(),
    /** Only people of this segment are held to it. */
    segment: z.string().min(1).max(63).optional(),
    /**
     * A later step of a campaign is not held by what that campaign sent before it. It counts against every other
     * campaign all the same.
     */
    excludeOwnCampaign: z.boolean().optional(),
    limit: z.number().int().min(0).max(1_000_000).nullable(),
    /** Rolling, of 24 hours each. */
    windowDays: z.number().positive().max(400).optional(),
    /** Days, weeks (from Monday) or months as the person's own calendar has them. */
    calendar: z.enum(['day', 'week', 'month']).optional(),
  })
  .refine((rule) => (rule.windowDays === undefined) !== (rule.calendar === undefined), {
    message: 'either windowDays or calendar',
    path: ['windowDays'],
  });

export const capsSchema = z.record(z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/), capRuleSchema);

export type CapRule = z.infer<typeof capRuleSchema>;
/** By the key that the ledger's reasons name (`cap:<key>`). */
export type CapRules = Readonly<Record<string, CapRule>>;
export interface NamedCap extends CapRule {
  readonly key: string;
}

/** What decides which caps a message meets. */
export interface CappedMessage {
  readonly nature: Nature;
  /** Those it may take: a cap of another channel is none of its business. */
  readonly channels: readonly Channel[];
  readonly department: string;
  readonly format: Format;
}

/** The caps a message may be held by; people decide the rest. */
export const capsOn = (rules: CapRules, message: CappedMessage): NamedCap[] =>
  Object.entries(rules)
    .map(([key, rule]) => ({ key, ...rule }))
    .filter((cap) => cap.limit !== null && covers(cap, message));

/** Whether a message of these terms meets the cap, and counts against it. */
export const covers = (cap: CapRule, message: CappedMessage): boolean =>
  cap.nature === message.nature &&
  (cap.channel === undefined || message.channels.includes(cap.channel)) &&
  (cap.department ?? message.department) === message.department &&
  (cap.format ?? message.format) === message.format;

/** A contact of another tool that does not say its format counts as a short one, as a scenario does. */
export const FORMAT_UNSAID: Format = 'short';

/** Names the cap that is somebody's own wish about newsletters where no rule holds them. */
export const STATED_CAP = 'newsletter-preference';
