import { z } from 'zod';
import type { ConsentInput } from '../domain/consent/consent-input';
import type { Fault } from '../domain/shared/errors';
import type { ConsentIntakeStore, ConsentRefusal } from '../store/consent-intake-store';
import { zodFaults } from '../domain/shared/zod-faults';
import { faultSchema } from './schemas/common';

export interface RejectedConsent {
  readonly index: number;
  readonly code: 'invalid' | ConsentRefusal['code'];
  readonly faults: readonly Fault[];
}

export const takenSchema = z.object({
  accepted: z.int(),
  duplicates: z.int().describe('On record already, by their id or word for word.'),
  rejected: z.array(z.object({ index: z.int(), code: z.string(), faults: z.array(faultSchema) })),
});

const WORDS: Readonly<Record<ConsentRefusal['code'], string>> = {
  'profile-unknown': 'nobody is known by this key',
  'in-future': 'lies in the future',
  'wording-unknown': 'no words with this hash are kept: send them as wording',
};

/**
 * Takes each item that fits; one that does not is named with its places, and takes no other with it. `base` is the
 * pointer of the list in the body, `schema` that of an item.
 */
export async function takeConsents(
  intake: ConsentIntakeStore,
  items: readonly unknown[],
  recordedBy: string,
  { base, schema }: { readonly base: string; readonly schema: z.ZodType<ConsentInput> },
): Promise<{ accepted: number; duplicates: number; rejected: RejectedConsent[] }> {
  const consents: ConsentInput[] = [];
  const at: number[] = [];
  const rejected: RejectedConsent[] = [];
  items.forEach((item, index) => {
    const parsed = schema.safeParse(item);
    if (parsed.success) {
      consents.push(parsed.data);
      at.push(index);
    } else {
      rejected.push({ index, code: 'invalid', faults: zodFaults(parsed.error, `${base}/${index}`) });
    }
  });
  const taken = await intake.take(consents, recordedBy);
  for (const { index, code, field } of taken.rejected) {
    const place = at[index] ?? 0;
    rejected.push({
      index: place,
      code,
      faults: [{ path: `${base}/${place}/${field}`, message: WORDS[code] }],
    });
  }
  return {
    accepted: taken.accepted,
    duplicates: taken.duplicates,
    rejected: rejected.sort((a, b) => a.index - b.index),
  };
}
