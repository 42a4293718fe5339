import type { Channel, Nature, Purpose } from '../shared/words';

export type ConsentAction = 'granted' | 'refused' | 'withdrawn' | 'objected';

/** One thing somebody said about being contacted, with what proves it. */
export interface ConsentEvent {
  readonly profileId: number;
  readonly purpose: Purpose;
  readonly channel: Channel;
  readonly action: ConsentAction;
  /** ISO 8601. */
  readonly at: string;
  readonly expiresAt?: string;
  /** Where it was said: `unsubscribe-link`, `web-form-2025`… */
  readonly source: string;
  readonly wordingSha256?: string;
  readonly locale?: string;
  /** Ids and codes only. */
  readonly evidence?: Readonly<Record<string, string | number | boolean>>;
  readonly recordedBy: string;
}

/**
 * The consent a message needs by its nature, null if none: service and official messages go to people because of
 * what they have or owe, not because they agreed to be told.
 */
export const PURPOSE_NEEDED: Readonly<Record<Nature, Purpose | null>> = {
  promotion: 'promotion',
  newsletter: 'newsletter',
  survey: 'survey',
  service: null,
  official: null,
};
