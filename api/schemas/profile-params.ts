import { z } from 'zod';

/** A profile's id in an address; larger ones do not exist. */
export const profileParams = z.object({ id: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) });
