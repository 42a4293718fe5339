/** The field's own words as literal unions. Every other type is spelt with these. */

export const CHANNELS = ['email', 'sms', 'push', 'in-app', 'letter', 'e-letter'] as const;
export type Channel = (typeof CHANNELS)[number];

/** What a message is, which decides the rules it meets. */
export const NATURES = ['promotion', 'newsletter', 'service', 'survey', 'official'] as const;
export type Nature = (typeof NATURES)[number];

/** How pressing a message is, which with its nature decides the channel. */
export const URGENCIES = ['normal', 'urgent', 'dunning'] as const;
export type Urgency = (typeof URGENCIES)[number];

/** Long formats (a magazine, a catalogue) may be capped apart from short ones. */
export const FORMATS = ['short', 'long'] as const;
export type Format = (typeof FORMATS)[number];

/** What somebody is to the company; caps may differ by it. */
export const RECIPIENT_TYPES = ['customer', 'subscriber', 'prospect'] as const;

/**
 * Kinds of letter. Paper (channel `letter`): plain, tracked, registered. Electronic (channel `e-letter`): `lre`, the
 * registered e-letter of eIDAS (article L100 of the French CPCE: a private person must have agreed to it), and `ere`,
 * an electronic letter with acknowledgement that is not qualified.
 */
export const LETTER_KINDS = ['plain', 'tracked', 'registered', 'lre', 'ere'] as const;
export type LetterKind = (typeof LETTER_KINDS)[number];

/** What somebody may consent to. `email-open-tracking` is its own consent (CNIL, deliberation 2026-042). */
export const PURPOSES = [
  'promotion',
  'newsletter',
  'service',
  'survey',
  'profiling',
  'email-open-tracking',
  'registered-e-letter',
] as const;
export type Purpose = (typeof PURPOSES)[number];

export const STAGES = [
  'define',
  'audit',
  'create',
  'qa',
  'approve',
  'pilot',
  'pilot-observe',
  'experiment',
  'evaluate',
  'rollout',
  'observe',
  'learn',
] as const;
export type Stage = (typeof STAGES)[number];

export const ENDS = [
  'completed',
  'no-winner',
  'rejected',
  'stopped',
  'aborted',
  'expired',
  'failed',
] as const;
export type End = (typeof ENDS)[number];

export const ROLES = ['viewer', 'editor', 'approver', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Whether a campaign may send: a paused one goes on when it is resumed, an aborted one never. */
export const HOLDS = ['run', 'paused', 'aborted'] as const;
export type Hold = (typeof HOLDS)[number];

/** Which share of an audience somebody is in. */
export const PARTS = ['pilot', 'test', 'rollout'] as const;
export type Part = (typeof PARTS)[number];

export const DELIVERY_STATES = [
  'planned',
  'claimed',
  'sending',
  'accepted',
  'failed',
  'skipped',
  'uncertain',
] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];
