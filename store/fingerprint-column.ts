import type { Channel } from '../domain/shared/words';

/** Where the address a profile is reached at by a channel is known by its fingerprint; null: nothing there is ever dead. */
export const FINGERPRINT_COLUMN = {
  email: 'email_fp',
  'e-letter': 'email_fp',
  sms: 'phone_fp',
  letter: 'postal_fp',
  push: null,
  'in-app': null,
} as const satisfies Record<Channel, string | null>;
