import { z } from 'zod';
import { isDerived } from '../segments/derived';
import { ATTRIBUTE_NAME } from './mapping';
import { hasKey, normaliseFields, type FieldFault, type ProfilePatch } from './profile-patch';
import { normaliseText } from './text-fields';

const text = z.string().max(500);
const attributeName = z
  .string()
  .regex(ATTRIBUTE_NAME)
  .refine((name) => !isDerived(name), 'is kept up by Boucle itself');

/** One person as the API takes it: the same fields and checks as a row of a file. */
export const profileInputSchema = z.strictObject({
  customerKey: text.optional(),
  email: text.optional(),
  phone: text.optional(),
  firstName: text.optional(),
  lastName: text.optional(),
  civility: text.optional(),
  address1: text.optional(),
  address2: text.optional(),
  postcode: text.optional(),
  city: text.optional(),
  country: text.optional(),
  area: text.optional(),
  market: text.optional(),
  locale: text.optional(),
  timezone: text.optional(),
  attributes: z.record(attributeName, z.union([text, z.number(), z.boolean(), z.null()])).default({}),
});

export type ProfileInput = z.input<typeof profileInputSchema>;

/** The patch a body makes, or the fields at fault (codes of REJECT_REASONS). */
export function patchOf(
  input: ProfileInput,
  defaultMarket = 'FR',
): { ok: true; patch: ProfilePatch } | { ok: false; faults: FieldFault[] } {
  const { attributes: raw = {}, ...given } = input;
  const { fields, faults } = normaliseFields(given, defaultMarket);
  const attributes: Record<string, string | number | boolean | null> = {};
  for (const [name, value] of Object.entries(raw)) {
    const checked = typeof value === 'string' ? normaliseText(value) : { ok: true as const, value };
    if (checked.ok) attributes[name] = checked.value;
    else faults.push({ field: `attributes.${name}`, code: checked.code });
  }
  const key = hasKey(fields);
  if (!key.ok && faults.length === 0) faults.push({ field: 'customerKey', code: key.code });
  return faults.length === 0 ? { ok: true, patch: { fields, attributes } } : { ok: false, faults };
}
