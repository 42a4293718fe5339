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
