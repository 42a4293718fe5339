import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { fromRoot } from '../paths';

const label = z.string().min(1).max(60);

/** What messages can be about, for people to choose from; a scenario names one by its key. */
const topicsSchema = z
  .array(
    z.strictObject({
      key: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and dashes'),
      fr: label,
      en: label,
    }),
  )
  .max(20)
  .refine((topics) => new Set(topics.map(({ key }) => key)).size === topics.length, 'each key once');

export type Topic = z.infer<typeof topicsSchema>[number];

/** The reviewed list of topics. */
export const loadTopics = (): readonly Topic[] =>
  topicsSchema.parse(JSON.parse(readFileSync(fromRoot('config', 'policies', 'topics.json'), 'utf8')));
