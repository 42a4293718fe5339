import { z } from 'zod';
import { mappingSchema } from '../../domain/profiles/mapping';

const share = z.number().min(0).max(1);
const event = z.string().min(1).max(60);

/** A column that is not in the file and is made up, from the seed and the row's number alone. */
const madeUpColumn = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('customer-key'), prefix: z.string().min(1).max(10) }),
  z.strictObject({
    kind: z.literal('email'),
    domain: z.string().endsWith('.example', 'a domain of RFC 2606: .example'),
    unknownShare: share.default(0),
  }),
  /** Weighted codes; `departements` are the French ones with their real weights. */
  z.strictObject({
    kind: z.literal('area'),
    weights: z.union([z.literal('departements'), z.record(z.string(), z.number().positive())]),
  }),
  /** Cells with their shares. */
  z.strictObject({ kind: z.literal('one-of'), shares: z.record(z.string(), share) }),
  /** A day so many days ago; a negative number lies ahead. Empty where `onlyWith` is empty. */
  z.strictObject({
    kind: z.literal('day'),
    daysAgo: z.tuple([z.number().int(), z.number().int()]),
    onlyWith: z.string().optional(),
  }),
]);

const mailHabits = z.strictObject({
  /** Of those who get a mail: how many look at it, whatever they do then. */
  readShare: share.default(0.42),
  /** Of those: whose mail program loads pictures, and with them the open pixel where there is one. */
  picturesShare: share.default(0.6),
  /** Of the mailed who visit: how many follow a link of the mail; the others come by themselves. */
  followShare: share.default(0.85),
  unsubscribeRate: share.default(0.0015),
});

const outcome = z.strictObject({
  event,
  /** 1/0: whether this row's person did it. */
  column: z.string(),
  valueColumn: z.string().optional(),
  currency: z.string().length(3).optional(),
});

export const answersSchema = z.discriminatedUnion('from', [
  z.strictObject({
    /** The rates are counted from the file: arm × kind. */
    from: z.literal('file'),
    armColumn: z.string(),
    /** Each cell of armColumn and the scenario's arm it stands for; null: got nothing. */
    armValues: z.record(z.string(), z.string().nullable()),
    kindColumns: z.array(z.string()).min(1),
    outcomes: z.array(outcome).min(1),
    mail: mailHabits.prefault({}),
  }),
  z.strictObject({
    /** The rates are declared here. */
    from: z.literal('declared'),
    kindColumns: z.array(z.string()).min(1),
    outcomes: z
      .array(
        z.strictObject({
          event,
          /** arm (`none`: those who got nothing) → kind (`*`: every other) → rate. */
          rates: z.record(z.string(), z.record(z.string(), share)),
          valueCents: z.tuple([z.number().int(), z.number().int()]).optional(),
          currency: z.string().length(3).optional(),
        }),
      )
      .min(1),
    mail: mailHabits.prefault({}),
  }),
]);

/**
 * What the demo reads beside a CSV: `import` goes to the API as it is; the rest is the sandbox's. It names the columns
 * that are made up, and what drives the simulated answers.
 */
export const demoMappingSchema = z.strictObject({
  import: mappingSchema,
  madeUp: z.strictObject({ seed: z.string().min(1), columns: z.record(z.string(), madeUpColumn) }).optional(),
  answers: answersSchema,
});

export type DemoMapping = z.infer<typeof demoMappingSchema>;
export type MadeUp = NonNullable<DemoMapping['madeUp']>;
export type Answers = z.infer<typeof answersSchema>;
export type FileAnswers = Extract<Answers, { from: 'file' }>;
export type DeclaredAnswers = Extract<Answers, { from: 'declared' }>;
export type MailHabits = Answers['mail'];
