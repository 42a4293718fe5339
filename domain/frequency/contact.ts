import { z } from 'zod';
import { profileRefSchema } from '../events/event';
import { storableText } from '../shared/text';
import { plausibleInstant } from '../shared/time';
import { CHANNELS, FORMATS, NATURES } from '../shared/words';

/** What our own contacts are marked with; another tool cannot speak for us. */
export const OWN_SOURCE = 'boucle';

const key = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and dashes');

/** A message another tool sent somebody. `externalId` is that tool's: the same one twice is one contact. */
export const contactSchema = z.strictObject({
  source: key.refine((source) => source !== OWN_SOURCE, `\`${OWN_SOURCE}\` is our own`),
  externalId: storableText(200).min(1),
  profile: profileRefSchema,
  at: plausibleInstant,
  nature: z.enum(NATURES),
  channel: z.enum(CHANNELS),
  department: key,
  format: z.enum(FORMATS).optional(),
});

export type ContactInput = z.infer<typeof contactSchema>;

/** Most contacts one call takes; they are written in one statement. */
export const CONTACTS_MAX = 1_000;
