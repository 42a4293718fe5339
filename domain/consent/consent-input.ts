import { z } from 'zod';
import { profileRefSchema } from '../events/event';
import { storableText } from '../shared/text';
import { plausibleInstant } from '../shared/time';
import { CHANNELS, PURPOSES } from '../shared/words';
import { CONSENT_ACTIONS, LEGAL_BASES, PROOF } from './consent';

const proof = z.union([
  z.string().regex(PROOF, 'an id or a code: visible ASCII without @ or blanks'),
  z.number(),
  z.boolean(),
]);

export const localeSchema = z.string().regex(/^[a-z]{2,3}(-[A-Z]{2})?$/, 'a locale such as fr or fr-BE');
export const wordingSchema = storableText(5_000).min(1);

const said = {
  purpose: z.enum(PURPOSES),
  channel: z.enum(CHANNELS),
  action: z.enum(CONSENT_ACTIONS),
  expiresAt: plausibleInstant.optional(),
  legalBasis: z.enum(LEGAL_BASES).default('consent'),
  wording: wordingSchema.optional().describe('The words the person was shown; kept with their SHA-256.'),
  wordingSha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits, lower case')
    .optional()
    .describe('Instead of words that are kept already.'),
  locale: localeSchema.optional(),
  evidence: z
    .record(z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,59}$/, 'a short name'), proof)
    .optional()
    .describe('What proves it: ids and codes only.'),
};

const oneWording = (c: { wording?: unknown; wordingSha256?: unknown }): boolean =>
  c.wording === undefined || c.wordingSha256 === undefined;
const ONE_WORDING = { path: ['wordingSha256'], message: 'either wording or wordingSha256' };

const endsOnlyGrants = (c: { action: string; expiresAt?: unknown }): boolean =>
  c.expiresAt === undefined || c.action === 'granted' || c.action === 'requested';
const ENDS_ONLY_GRANTS = { path: ['expiresAt'], message: 'only what is granted ends' };

/** One consent as a caller of ours tells it. `at` left out: now. */
export const consentInputSchema = z
  .strictObject({
    id: storableText(200).min(1).optional().describe('The source’s own; told twice, it is one event.'),
    profile: profileRefSchema,
    source: storableText(120).min(1),
    at: plausibleInstant.optional(),
    ...said,
  })
  .refine(oneWording, ONE_WORDING)
  .refine(endsOnlyGrants, ENDS_ONLY_GRANTS);
export type ConsentInput = z.infer<typeof consentInputSchema>;

/** Recorded as the source of what the consent platform tells; its ids are unique under it. */
export const CONSENT_PLATFORM = 'consent-platform';

/** One consent as a consent platform tells it. */
export const platformConsentSchema = z
  .strictObject({ id: storableText(200).min(1), profile: profileRefSchema, at: plausibleInstant, ...said })
  .refine(oneWording, ONE_WORDING)
  .refine(endsOnlyGrants, ENDS_ONLY_GRANTS)
  .transform((told) => ({ ...told, source: CONSENT_PLATFORM }));

/** Most of them in one call. */
export const CONSENTS_MAX = 1_000;
