import { isOwnEventId, isOwnEventType } from '../delivery/message-events';
import type { Fault } from '../shared/errors';
import { minorUnits } from '../shared/money';
import { zodFaults } from '../shared/zod-faults';
import { eventSchema, type EventInput } from './event';
import { typeFaults, type EventType } from './event-type';

/** Why an event cannot be used: a stable code. */
export const EVENT_FAULTS = {
  'event-invalid': 'It does not have the shape of an event.',
  'event-ahead': 'It is dated more than a day ahead.',
  'event-id-reserved': 'Its id is one that Boucle gives to what becomes of its messages.',
  'event-type-reserved': 'Only Boucle itself tells what became of its messages.',
  'event-type-unknown': 'No policy knows its type, and unknown ones are refused here.',
  'event-type-mismatch': 'It is not as its type has it.',
  'profile-unknown': 'Nobody is known by the key it names.',
} as const;
export type EventFault = keyof typeof EVENT_FAULTS;

/** An event that can be used; its amount is in minor units. */
export type ReadyEvent = Omit<EventInput, 'value'>;

export type CheckedEvent =
  | { readonly ok: true; readonly event: ReadyEvent }
  | { readonly ok: false; readonly code: EventFault; readonly faults: readonly Fault[] };

export interface EventRules {
  /** By the type they are about. */
  readonly types: ReadonlyMap<string, EventType>;
  readonly unknown: 'accept' | 'refuse';
}

/** Clocks go wrong by hours and zones; what is dated further ahead is a fault of its sender. */
const MOST_AHEAD_MS = 86_400_000;
const NO_CURRENCY = 'EUR';

/** Whether an event can be used, and else why not, with pointers into it. Late ones are welcome, however late. */
export function checkEvent(given: unknown, rules: EventRules, nowMs: number): CheckedEvent {
  const parsed = eventSchema.safeParse(given);
  if (!parsed.success) return refused('event-invalid', zodFaults(parsed.error));
  const { value, ...event } = parsed.data;
  if (isOwnEventType(event.type))
    return refused('event-type-reserved', [{ path: '/type', message: 'is told by Boucle alone' }]);
  if (isOwnEventId(event.id))
    return refused('event-id-reserved', [{ path: '/id', message: 'is one that Boucle gives itself' }]);
  if (Date.parse(event.at) > nowMs + MOST_AHEAD_MS)
    return refused('event-ahead', [{ path: '/at', message: 'is more than a day ahead' }]);
  const type = rules.types.get(event.type);
  if (type === undefined && rules.unknown === 'refuse')
    return refused('event-type-unknown', [{ path: '/type', message: 'is no type that is known here' }]);
  const faults = type === undefined ? [] : typeFaults(parsed.data, type);
  if (faults.length > 0) return refused('event-type-mismatch', faults);
  if (value === undefined) return { ok: true, event };
  const currency = value.currency ?? event.currency ?? NO_CURRENCY;
  const valueCents = minorUnits(value.amount, currency);
  return valueCents === null
    ? refused('event-invalid', [{ path: '/value/amount', message: `is no amount of ${currency}` }])
    : { ok: true, event: { ...event, valueCents, currency } };
}

const refused = (code: EventFault, faults: readonly Fault[]): CheckedEvent => ({ ok: false, code, faults });
