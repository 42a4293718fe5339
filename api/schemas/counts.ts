import { z } from 'zod';
import { countsByName } from './common';

/** domain/campaigns/audience.ts as it goes over the wire: planned = accepted + failed + skipped + uncertain + open. */
export const deliveryCounts = {
  planned: z.int(),
  accepted: z.int(),
  failed: z.int(),
  skipped: z.int(),
  uncertain: z.int(),
  open: z.int(),
};

/** matched = members + holdout + sum(excluded); members = sum(parts). */
export const audienceCounts = {
  matched: z.int(),
  excluded: countsByName,
  holdout: z.int(),
  members: z.int(),
  arms: countsByName,
  parts: z.object({ pilot: z.int(), test: z.int(), rollout: z.int() }),
  personas: countsByName,
};

/** domain/campaigns/waterfall.ts as it goes over the wire. */
export const waterfallSchema = z
  .array(z.object({ step: z.string(), people: z.int(), left: z.int() }))
  .describe('From the segment to the audience, by the first reason that kept somebody out; it adds up.');

export const forecastSchema = z
  .object({ at: z.string(), looked: z.int(), allowed: z.int(), held: countsByName })
  .nullable()
  .describe('What the gate would have said at the freeze to so many of the members: caps are a forecast.');
