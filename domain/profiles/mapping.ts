import { isDerived } from '../segments/derived';
import { IANAZone } from 'luxon';
import { z } from 'zod';
import { LEGAL_BASES } from '../consent/consent';
import { currencySchema } from '../shared/money';
import { isOwnEventType } from '../delivery/message-events';
import { storableText } from '../shared/text';
import { CHANNELS, PURPOSES } from '../shared/words';
import { dateFormatSchema } from './date-format';
import { CELL_TYPES } from './cells';

const key = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and dashes');
const column = storableText(200).min(1);

/** What the columns of a file can be: a field of a profile, or an attribute of one's own. */
export const PROFILE_FIELDS = [
  'customerKey',
  'email',
  'phone',
  'firstName',
  'lastName',
  'civility',
  'address1',
  'address2',
  'postcode',
  'city',
  'country',
  'area',
  'market',
  'locale',
  'timezone',
] as const;
export type ProfileField = (typeof PROFILE_FIELDS)[number];

export const ATTRIBUTE_NAME = /^[a-z][a-z0-9_]{0,62}$/;

const target = z.union([
  z.enum(PROFILE_FIELDS),
  z.templateLiteral(['attributes.', z.string().regex(ATTRIBUTE_NAME)]),
]);

const words = z.array(storableText(60).trim().min(1)).min(1).max(20);

const field = z.strictObject({
  column,
  to: target,
  /** Of an attribute; fields of the profile have their own checks. */
  type: z.enum(CELL_TYPES).default('string'),
  /** Of a date: how it is written (./date-format.ts). Left out: ISO 8601, or day, month and year in the French order. */
  format: dateFormatSchema.optional(),
  /** `cents`: an amount that is in minor units already. Others are said for people who read the mapping. */
  unit: storableText(40).optional(),
  currency: currencySchema.optional(),
  /**
   * Of money whose currency differs by row: the attribute `<name>_currency` then holds the code. An empty cell falls back on
   * `currency`, and that on EUR.
   */
  currencyColumn: column.optional(),
  /** Of a boolean: the source's own words, letter case apart. Left out: 1/0, true/false, yes/no, oui/non, vrai/faux. */
  words: z.strictObject({ true: words, false: words }).optional(),
  required: z.boolean().default(false),
  /** The value is not from life: generated for a demonstration or a test. */
  madeUp: z.boolean().default(false),
});

const event = z
  .strictObject({
    type: storableText(60)
      .min(1)
      .refine((type) => !isOwnEventType(type), 'is told by Boucle alone'),
    /** One of three ways to say when; ages are counted back from the moment the import was received. */
    atColumn: column.optional(),
    atFormat: dateFormatSchema.optional(),
    monthsAgoColumn: column.optional(),
    daysAgoColumn: column.optional(),
    valueColumn: column.optional(),
    /** Where the currency differs by row; an empty cell falls back on `currency`, and that on EUR. */
    currencyColumn: column.optional(),
    currency: currencySchema.optional(),
    /** The source's own id of the event; left out, one is made of person, type, date and value. */
    idColumn: column.optional(),
  })
  .refine(
    (e) => [e.atColumn, e.monthsAgoColumn, e.daysAgoColumn].filter((c) => c !== undefined).length === 1,
    {
      message: 'exactly one of atColumn, monthsAgoColumn, daysAgoColumn',
    },
  );

const consent = z.strictObject({
  purpose: z.enum(PURPOSES),
  channel: z.enum(CHANNELS),
  column,
  /** What each cell means. An empty cell says nothing; one that is not listed rejects the row. */
  values: z.record(storableText(200), z.enum(['granted', 'refused', 'withdrawn', 'objected'])),
  atColumn: column.optional(),
  /** Of both dates. */
  dateFormat: dateFormatSchema.optional(),
  expiresColumn: column.optional(),
  /** Where the consent was collected: `web-form-2025`, `store-loyalty`… */
  source: storableText(120).min(1),
  /** The words people agreed to; kept as proof with their SHA-256. */
  wording: storableText(5_000).optional(),
  /** Where the words differ by row; an empty cell falls back on `wording`. */
  wordingColumn: column.optional(),
  /** What proves it, as an id or a code: a form's entry, a scan, a call. */
  proofColumn: column.optional(),
  legalBasis: z.enum(LEGAL_BASES).default('consent'),
});

export const mappingSchema = z
  .strictObject({
    key,
    /** Who the data comes from; together with keys it makes event ids that do not depend on the file's name. */
    source: storableText(120).min(1),
    format: z.enum(['csv', 'ndjson']).default('csv'),
    /** Of csv. */
    delimiter: z.enum([',', ';', '\t', '|']).default(','),
    market: z
      .string()
      .regex(/^[A-Z0-9][A-Z0-9-]{1,19}$/)
      .default('FR'),
    /** Of dates and times that say none. */
    zone: z
      .string()
      .refine((name) => IANAZone.isValidZone(name), 'a time zone such as Europe/Paris')
      .default('Europe/Paris'),
    locale: z
      .string()
      .regex(/^[a-z]{2,3}(-[A-Z]{2})?$/)
      .default('fr'),
    fields: z.array(field).min(1).max(200),
    events: z.array(event).max(50).default([]),
    consents: z.array(consent).max(50).default([]),
  })
  .superRefine((mapping, ctx) => {
    const targets = new Set<string>();
    mapping.fields.forEach(({ to, currencyColumn }, i) => {
      const written = currencyColumn === undefined ? [to] : [to, `${to}_currency`];
      if (written.some((one) => targets.has(one)))
        ctx.addIssue({ code: 'custom', path: ['fields', i, 'to'], message: 'mapped twice' });
      for (const one of written) targets.add(one);
    });
    if (!['customerKey', 'email', 'phone'].some((to) => targets.has(to))) {
      ctx.addIssue({
        code: 'custom',
        path: ['fields'],
        message: 'customerKey, email or phone must be mapped: rows need a key',
      });
    }
    mapping.fields.forEach((f, i) => {
      if (isDerived(f.to.replace('attributes.', '')))
        ctx.addIssue({ code: 'custom', path: ['fields', i, 'to'], message: 'is kept up by Boucle itself' });
      if (f.type !== 'string' && !f.to.startsWith('attributes.')) {
        ctx.addIssue({ code: 'custom', path: ['fields', i, 'type'], message: 'only attributes have a type' });
      }
      if (f.format !== undefined && f.type !== 'date')
        ctx.addIssue({ code: 'custom', path: ['fields', i, 'format'], message: 'only dates have a format' });
      if (f.currencyColumn !== undefined && f.type !== 'money')
        ctx.addIssue({
          code: 'custom',
          path: ['fields', i, 'currencyColumn'],
          message: 'only money has a currency',
        });
      if (f.words !== undefined && f.type !== 'boolean')
        ctx.addIssue({ code: 'custom', path: ['fields', i, 'words'], message: 'only booleans have words' });
      const yes = new Set(f.words?.true.map((word) => word.toLowerCase()));
      if (f.words?.false.some((word) => yes.has(word.toLowerCase())) === true)
        ctx.addIssue({
          code: 'custom',
          path: ['fields', i, 'words'],
          message: 'a word is both true and false',
        });
    });
  });

export type Mapping = z.infer<typeof mappingSchema>;
export type MappingInput = z.input<typeof mappingSchema>;
export type EventMapping = Mapping['events'][number];
export type ConsentMapping = Mapping['consents'][number];

/** Every column the mapping reads, each once. */
export function columnsOf(mapping: Mapping): string[] {
  const names = [
    ...mapping.fields.flatMap((f) => [f.column, f.currencyColumn]),
    ...mapping.events.flatMap((e) => [
      e.atColumn,
      e.monthsAgoColumn,
      e.daysAgoColumn,
      e.valueColumn,
      e.currencyColumn,
      e.idColumn,
    ]),
    ...mapping.consents.flatMap((c) => [
      c.column,
      c.atColumn,
      c.expiresColumn,
      c.wordingColumn,
      c.proofColumn,
    ]),
  ];
  return [...new Set(names.filter((n) => n !== undefined))];
}
