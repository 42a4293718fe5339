import type { Channel, Purpose } from '../shared/words';

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
