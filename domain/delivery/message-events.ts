import { CHANNELS } from '../shared/words';

/** Types of the events that happen to a message. Metrics and guardrails count them by these names. */
export const MESSAGE_EVENTS = {
  /** A person followed a tracked link. */
  clicked: 'message.clicked',
  /** A mail filter's or preview's robot followed one: apart, so that no metric counts it. */
  scanned: 'message.scanned',
  /** The pixel was fetched by somebody who agreed to that; once a message. */
  opened: 'message.opened',
  /** It was fetched by what fetches every picture, read or not (Apple's privacy proxy, a filter): apart. */
  prefetched: 'message.prefetched',
  /** An in-app message came before somebody's eyes; once a message. */
  shown: 'message.shown',
  /** It was waved away; once a message. */
  dismissed: 'message.dismissed',
  unsubscribed: 'message.unsubscribed',
  complained: 'message.complained',
  /** The recipient's server took it. */
  delivered: 'message.delivered',
  /** It came back: `bounce` hard or soft, with the code where one was told. */
  bounced: 'message.bounced',
  /** The recipient's server asked to wait; it may still arrive. */
  deferred: 'message.deferred',
  /** A mail came to its return path that says nothing a machine can rely on (an absence note, a report of no known form). */
  returned: 'message.returned',
  /** Somebody answered an SMS with something else than a STOP; `word` is what it was understood as. */
  replied: 'message.replied',
  /** Proofs of a letter, each once: with `proof`, the carrier's reference, where there is one. */
  letterDeposited: 'message.letter-deposited',
  letterInTransit: 'message.letter-in-transit',
  letterDelivered: 'message.letter-delivered',
  /** The addressee would not have it: an electronic one goes on by paper from here. */
  letterRefused: 'message.letter-refused',
  /** It came back: nobody lives there by that name, or nobody fetched it. */
  letterReturned: 'message.letter-returned',
} as const;

/** Whether a type is one of those, or may become one: Boucle alone tells them. */
export const isOwnEventType = (type: string): boolean => type.startsWith('message.');

/**
 * Ids of these events are made of the delivery and what happened, so that each counts once. Somebody else's event under such
 * an id would be taken for it: the real one would never count.
 */
const OWN_ID = new RegExp(
  `^(?:(?:click|scan|open|prefetch|shown|dismissed|unsubscribe|${CHANNELS.join('|')})\\.\\d|(?:reply|unsubscribe)\\.sms\\.)`,
);
export const isOwnEventId = (id: string): boolean => OWN_ID.test(id);
