import { z } from 'zod';
import { normaliseEmail } from '../profiles/email';
import { normalisePhone } from '../profiles/phone';
import { plausibleInstant } from '../shared/time';

export const SUPPRESSION_REASONS = ['hard-bounce', 'complaint', 'objection', 'erasure'] as const;
export type SuppressionReason = (typeof SUPPRESSION_REASONS)[number];

/** Kinds of address a suppression can be told by; postal ones only by their fingerprint. */
export const ADDRESS_KINDS = ['email', 'phone'] as const;

export const scopeSchema = z
  .string()
  .regex(/^(global|brand:[a-z0-9][a-z0-9-]{0,62})$/, 'global, or brand: and its key');

export const fingerprintSchema = z.string().regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits, lower case');

/** One spelling of an address and what kind it is, or the reason why there is none. */
export type CheckedAddress =
  | { readonly ok: true; readonly kind: (typeof ADDRESS_KINDS)[number]; readonly value: string }
  | { readonly ok: false; readonly code: string };

const emailAddress = z.strictObject({ email: z.string().min(1).max(500) });
const phoneAddress = z.strictObject({ phone: z.string().min(1).max(60) });
const byFingerprint = z.strictObject({ fingerprint: fingerprintSchema });

/** An address, or the keyed fingerprint somebody has of it. A phone without its country is a French one. */
export const addressSchema = z.union([emailAddress, phoneAddress, byFingerprint]);
export type Address = z.infer<typeof addressSchema>;

export const suppressionSchema = z.strictObject({
  address: addressSchema,
  scope: scopeSchema.default('global'),
  reason: z.enum(SUPPRESSION_REASONS),
  at: plausibleInstant.optional(),
});
export type SuppressionInput = z.infer<typeof suppressionSchema>;

/** Most of them in one call. */
export const SUPPRESSIONS_MAX = 1_000;

export function checkAddress(address: Exclude<Address, { fingerprint: string }>): CheckedAddress {
  const kind = 'email' in address ? 'email' : 'phone';
  const checked = 'email' in address ? normaliseEmail(address.email) : normalisePhone(address.phone);
  return checked.ok ? { ok: true, kind, value: checked.value } : { ok: false, code: checked.code };
}
