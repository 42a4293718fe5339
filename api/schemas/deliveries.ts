import { z } from 'zod';
import { plausibleInstant } from '../../domain/shared/time';
import { CHANNELS, DELIVERY_STATES, NATURES } from '../../domain/shared/words';
import { CONTACTS } from '../../store/contact-history-store';
import { deliveryCounts } from './counts';
import { clauseSchema } from './segment';

const channel = z.enum(CHANNELS);
const state = z.enum(DELIVERY_STATES);
const amounts = z.record(z.string(), z.int()).describe('By ISO 4217 code.');

export const deliverySchema = z
  .object({
    id: z.int(),
    step: z.string(),
    wave: z.string(),
    profileId: z.int(),
    arm: z.string(),
    persona: z.string(),
    channel,
    creativeId: z.int().nullable(),
    state,
    code: z.string().nullable().describe('Of a failure.'),
    reason: z.string().nullable().describe('Of a skip, a deferral, an uncertainty.'),
    consentEventId: z.int().nullable().describe('The proof that allowed it.'),
    tried: z.array(channel).describe('Channels that failed before this one.'),
    attempts: z.int(),
    costMicros: z.int().nullable().describe('Millionths of a euro.'),
    notBefore: z.date().nullable(),
    gatedAt: z.date(),
    settledAt: z.date().nullable(),
    providerId: z.string().nullable(),
  })
  .meta({ id: 'Delivery' });

/** What the list and the export filter by. */
export const deliveryFilter = z.strictObject({
  state: state.optional(),
  wave: z.string().max(80).optional(),
  step: z.string().max(80).optional(),
  channel: channel.optional(),
  arm: z.string().max(80).optional(),
  reason: z
    .string()
    .max(120)
    .optional()
    .describe('Whole, or its part before a colon: `cap` finds `cap:promotion-14-days`.'),
  code: z.string().max(40).optional(),
  profile: z.coerce.number().int().min(1).optional(),
  since: plausibleInstant.optional().describe('Gated or settled at this moment or later.'),
});
export type DeliveryQuery = z.infer<typeof deliveryFilter>;

const engagement = {
  delivered: z.int(),
  bouncedHard: z.int(),
  bouncedSoft: z.int(),
  clickedPeople: z.int().describe('Persons; what scanners followed is not among it.'),
  opened: z.int().describe('Of those who agreed to it.'),
  unsubscribed: z.int(),
  complained: z.int(),
  convertedPeople: z.int(),
};

export const countersSchema = z
  .object({
    total: z.object({ ...deliveryCounts, ...engagement }),
    cells: z.array(
      z.object({
        step: z.string(),
        wave: z.string(),
        channel: channel.nullable().describe('null: nobody has looked at these people yet.'),
        arm: z.string().nullable(),
        ...deliveryCounts,
        ...engagement,
      }),
    ),
  })
  .meta({
    id: 'Counters',
    description:
      'Of one moment: planned = accepted + failed + skipped + uncertain + open, in the total and in each cell.',
  });

const credit = { conversions: z.int(), people: z.int(), valueCents: amounts };
const credits = z.record(z.string(), z.object(credit));

export const attributionSchema = z
  .object({
    terms: z.object({
      event: z.string(),
      windowSeconds: z.int(),
      from: z.enum(['click', 'delivery']),
    }),
    ...credit,
    byArm: credits,
    byStep: credits,
    byChannel: credits,
    byLag: credits.describe('By the time from touch to conversion.'),
  })
  .meta({ id: 'Attribution' });

export const historyEntrySchema = z
  .object({
    id: z.string(),
    at: z.date(),
    source: z.string().describe('`boucle`, or the tool that made it.'),
    contact: z
      .enum(CONTACTS)
      .describe(
        'in-doubt: it may have left, nobody knows. not-yet: it is still to come. not-made: refused or failed; delivery.reason or delivery.code says why.',
      ),
    nature: z.enum(NATURES),
    channel,
    department: z.string(),
    campaignId: z.string().nullable(),
    delivery: z
      .object({
        id: z.int(),
        step: z.string(),
        wave: z.string(),
        arm: z.string(),
        state,
        code: z.string().nullable(),
        reason: z.string().nullable(),
      })
      .nullable(),
    events: z.array(
      z.object({ type: z.string(), at: z.string(), properties: z.record(z.string(), z.unknown()) }),
    ),
  })
  .meta({ id: 'HistoryEntry' });

export const explanationSchema = z
  .object({
    statements: z
      .array(z.object({ code: z.string(), at: z.date().nullable(), words: z.string() }))
      .describe('In the order things happened; `at` null: as things stand now.'),
    frozenAt: z.date().nullable(),
    member: z
      .object({ part: z.string(), arm: z.string().nullable(), persona: z.string(), planned: z.boolean() })
      .nullable(),
    outside: z
      .object({ matches: z.boolean(), reason: z.string().nullable() })
      .nullable()
      .describe('Of somebody outside the audience, as things stand now.'),
    mergedInto: z.int().nullable(),
    rules: z
      .array(
        z.object({
          kind: z.enum(['segment', 'persona']),
          key: z.string(),
          version: z.int(),
          holds: z.boolean(),
          why: clauseSchema,
        }),
      )
      .describe('As the audience was made of them, over the person as they are now.'),
    holdouts: z
      .array(
        z.object({
          key: z.string(),
          salt: z.string(),
          share: z.number(),
          drew: z.number(),
          held: z.boolean(),
        }),
      )
      .describe('Hashes in [0, 1): below the share they are held out.'),
    draw: z
      .object({
        part: z.number(),
        arm: z.number(),
        bucket: z.number(),
        stratifyBy: z
          .array(z.string())
          .describe(
            'What the test is stratified by: its arms are dealt in the order of `arm` within each stratum.',
          ),
        exclusion: z
          .object({ group: z.string(), from: z.number(), to: z.number(), drew: z.number() })
          .optional()
          .describe('Their place in the test’s exclusion group, and the test’s part of it.'),
      })
      .nullable(),
    waves: z.array(
      z.object({ step: z.string(), wave: z.string(), startedAt: z.date(), deadlineAt: z.date().nullable() }),
    ),
    caps: z
      .array(
        z.object({
          key: z.string(),
          at: z.date(),
          limit: z.int().nullable(),
          windowDays: z.number().nullable(),
          contacts: z
            .array(
              z.object({
                at: z.date(),
                nature: z.string(),
                channel: z.string(),
                department: z.string(),
                campaignId: z.string().nullable(),
              }),
            )
            .readonly(),
        }),
      )
      .describe('Caps that held them back, with the contacts of the window at that time.'),
    control: z.array(
      z.object({
        step: z.string(),
        arm: z.string(),
        allowed: z.boolean(),
        reason: z.string().nullable(),
        gatedAt: z.date(),
      }),
    ),
    deliveries: z.array(
      z.object({
        id: z.int(),
        mergedId: z
          .int()
          .nullable()
          .describe('The profile it was sent to, where that one was merged into this one; null: this one.'),
        step: z.string(),
        wave: z.string(),
        channel,
        arm: z.string(),
        state,
        code: z.string().nullable(),
        reason: z.string().nullable(),
        attempts: z.int(),
        gatedAt: z.date(),
        notBefore: z.date().nullable(),
        settledAt: z.date().nullable(),
        looks: z
          .array(z.object({ at: z.date(), reason: z.string(), until: z.date().nullable(), channel }))
          .readonly()
          .describe('Times the gate put it off before.'),
        contactAt: z.date().nullable().describe('When it was counted for caps.'),
        consent: z
          .object({
            eventId: z.int(),
            action: z.string(),
            purpose: z.string(),
            channel: z.string(),
            at: z.date(),
            expiresAt: z.date().nullable(),
            source: z.string(),
            legalBasis: z.string(),
            wordingSha256: z.string().nullable(),
          })
          .nullable(),
        events: z.array(z.object({ type: z.string(), at: z.date() })),
      }),
    ),
    suppressions: z.array(z.object({ scope: z.string(), reason: z.string(), at: z.date() })),
  })
  .meta({ id: 'Explanation' });
