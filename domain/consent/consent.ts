import type { Channel, Purpose } from '../shared/words';

/** `requested` is a double opt-in on its way: it is on record and changes nothing. */
export const CONSENT_ACTIONS = [
  'requested',
  'granted',
  'refused',
  'withdrawn',
  'objected',
  'expired',
] as const;
export type ConsentAction = (typeof CONSENT_ACTIONS)[number];

export const LEGAL_BASES = [
  'consent',
  'soft-opt-in',
  'contract',
  'legal-obligation',
  'legitimate-interest',
] as const;
export type LegalBasis = (typeof LEGAL_BASES)[number];

/** An id or a code: a text with a blank or an @ would be words or an address. */
export const PROOF = /^[\x21-\x3f\x41-\x7e]{1,200}$/;

/** Ids and codes that prove what was said; never who somebody is. */
export type Evidence = Readonly<Record<string, string | number | boolean>>;

/** One thing somebody said about being contacted, with what proves it. */
export interface ConsentEvent {
  readonly profileId: number;
  readonly purpose: Purpose;
  readonly channel: Channel;
  readonly action: ConsentAction;
  /** ISO 8601. */
  readonly at: string;
  readonly expiresAt?: string;
  /** Where it was said: `one-click`, `preference-page`, `web-form-2025`… */
  readonly source: string;
  /** The source's own id of it: the same one twice is one event. */
  readonly externalId?: string;
  readonly legalBasis?: LegalBasis;
  readonly wordingSha256?: string;
  readonly locale?: string;
  readonly evidence?: Evidence;
  readonly recordedBy: string;
}

/** What marketing messages are sent under. */
export const CONTACT_PURPOSES = ['promotion', 'newsletter', 'survey'] as const satisfies readonly Purpose[];
export type ContactPurpose = (typeof CONTACT_PURPOSES)[number];

/** What somebody may object to as marketing: those messages, and being profiled for them (GDPR, article 21.2). */
export const MARKETING_PURPOSES = [...CONTACT_PURPOSES, 'profiling'] as const;
export type MarketingPurpose = (typeof MARKETING_PURPOSES)[number];
