import type { ConsentAction } from './consent';

/** An event as it lies in the record; `id` is its place in it. */
export interface RecordedConsent {
  readonly id: number;
  readonly purpose: string;
  readonly channel: string;
  readonly action: ConsentAction;
  readonly at: Date;
  readonly expiresAt: Date | null;
}

/** What holds for a purpose and channel. */
export interface ConsentState {
  readonly purpose: string;
  readonly channel: string;
  readonly granted: boolean;
  /** null: no end. */
  readonly expiresAt: Date | null;
  readonly at: Date;
  readonly eventId: number;
}

/**
 * The state a record comes to, sorted by purpose and channel: the latest event holds, of two at the same instant a no,
 * then the one recorded last. The order they arrived in does not matter. With `until`, as of that moment.
 */
export function replayConsents(events: readonly RecordedConsent[], until?: Date): ConsentState[] {
  const holding = new Map<string, ConsentState>();
  for (const event of events) {
    if (event.action === 'requested' || (until !== undefined && event.at > until)) continue;
    const key = `${event.purpose} ${event.channel}`;
    const granted = event.action === 'granted';
    const next = {
      purpose: event.purpose,
      channel: event.channel,
      granted,
      expiresAt: granted ? event.expiresAt : null,
      at: event.at,
      eventId: event.id,
    };
    const held = holding.get(key);
    if (held === undefined || prevails(next, held)) holding.set(key, next);
  }
  return [...holding].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, state]) => state);
}

/** Missing, refused or expired is no; a consent that ends at an instant does not hold at it. */
export const holdsAt = (state: Pick<ConsentState, 'granted' | 'expiresAt'> | undefined, at: Date): boolean =>
  state !== undefined && state.granted && (state.expiresAt === null || state.expiresAt > at);

function prevails(next: ConsentState, held: ConsentState): boolean {
  if (next.at.getTime() !== held.at.getTime()) return next.at > held.at;
  if (next.granted !== held.granted) return held.granted;
  return next.eventId > held.eventId;
}
