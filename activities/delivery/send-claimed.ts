import { letterKindOn } from '../../domain/delivery/letter-kind';
import type { ConsentRule } from '../../domain/delivery/nature-rules';
import { suppressionScopes } from '../../domain/delivery/suppression-scopes';
import { costMicros } from '../../domain/delivery/unit-cost';
import type { Senders } from '../../domain/delivery/ports';
import type { Channel } from '../../domain/shared/words';
import type { ClaimedDelivery } from '../../store/delivery/claim';
import type { MessageTerms } from '../../store/delivery/message-terms';
import type {
  DeliveryStore,
  Recipient,
  ShardSession,
  StillAllowed,
  WaveTerms,
} from '../../store/delivery-store';
import type { CircuitBreaker } from './circuit-breaker';
import type { Composers } from './compose';
import { createDomainGuard } from './domain-guard';
import type { DomainPlaces } from './domain-places';
import { createProviderRate } from './provider-rate';
import { sendBatch, type Outage, type Prepared, type Stop } from './send-batch';
import type { SlotsByChannel } from './wire-slots';

/** What a worker has one of, whoever sends. */
export interface SendingTools {
  readonly store: DeliveryStore;
  readonly senders: Senders;
  readonly slots: SlotsByChannel;
  readonly breaker: CircuitBreaker;
  readonly outage: Outage;
}

export interface Sending extends SendingTools {
  readonly session: ShardSession;
  readonly terms: Pick<WaveTerms, 'campaignId' | 'channels' | 'letterKind' | 'rule' | 'brand' | 'topic'>;
  readonly messages: MessageTerms;
  readonly composers: Composers;
  readonly wish: () => Stop | null;
  readonly onHandedOver: (messages: number) => void;
  /** When the claim wrote the rows as `sending`, epoch ms: each comes with a slot. Left out, it did not. */
  readonly sendingSince?: number;
  /** Left out: it is a campaign's, and leaves a provider's last tokens to service messages. */
  readonly service?: DomainPlaces;
}

/**
 * Hands over what was claimed, one provider after the other. Names and addresses live no longer than this call. What
 * ends it before its time gives back whatever was not handed over.
 */
export async function sendClaimed(
  sending: Sending,
  claimed: readonly ClaimedDelivery[],
): Promise<Stop | null> {
  const { store, session, terms } = sending;
  const byChannel = new Map<Channel, ClaimedDelivery[]>();
  for (const delivery of claimed) {
    const others = byChannel.get(delivery.channel);
    if (others === undefined) byChannel.set(delivery.channel, [delivery]);
    else others.push(delivery);
  }
  const begun = new Set<Channel>();
  let stop: Stop | null = null;
  try {
    const found = await store.recipientsFor(claimed, [...byChannel.keys()]);
    const people = new Map<number, Recipient | undefined>();
    for (const [at, { id }] of claimed.entries()) people.set(id, found[at]);
    for (const [channel, deliveries] of byChannel) {
      begun.add(channel);
      stop = await sendBatch(
        {
          store,
          session,
          channel,
          campaignId: terms.campaignId,
          channels: terms.channels,
          still: stillOf(terms, channel),
          slots: sending.slots[channel],
          ready: (messages) => sending.senders[channel].ready?.(messages) ?? messages,
          sendingSince: sending.sendingSince ?? null,
          breaker: sending.breaker,
          outage: sending.outage,
          ...limitsOf(sending, channel, people),
          prepare: (delivery) => prepared(channel, sending, delivery, people.get(delivery.id)),
          costMicros: pricesOf(sending, channel),
          wish: sending.wish,
          onHandedOver: sending.onHandedOver,
        },
        deliveries,
      );
      if (stop !== null) break;
    }
  } finally {
    const left = claimed.filter(({ channel }) => !begun.has(channel));
    if (sending.sendingSince !== undefined) for (const { channel } of left) sending.slots[channel].give(1);
    // Where this fails the lock is lost or the database gone, and the next attempt's reclaim does it.
    const ids = left.map(({ id }) => id);
    if (ids.length > 0) await store.release(session, ids, stop ?? 'stopped').catch(() => {});
  }
  return stop;
}

/** What the mark before the wire asks again of those the gate allowed on a channel. */
export const stillOf = (
  terms: Pick<WaveTerms, 'letterKind' | 'rule' | 'brand' | 'topic'>,
  channel: Channel,
): StillAllowed => ({
  channel,
  consents: consentsOf(terms, channel),
  scopes: suppressionScopes(terms.brand),
  pausable: terms.rule.quietHours,
  topic: terms.rule.consent === null ? null : terms.topic,
});

/** A registered e-letter needs a yes of its own. */
const consentsOf = (
  { rule, letterKind }: Pick<WaveTerms, 'letterKind' | 'rule'>,
  channel: Channel,
): ConsentRule[] => [
  ...(rule.consent === null ? [] : [rule.consent]),
  ...(channel === 'e-letter' && letterKindOn(channel, letterKind) === 'lre'
    ? [{ purpose: 'registered-e-letter', kind: 'opt-in' } as const]
    : []),
];

function limitsOf(
  { store, session, service, messages: { rates } }: Sending,
  channel: Channel,
  people: ReadonlyMap<number, Recipient | undefined>,
) {
  return {
    rate: createProviderRate(
      store,
      rates.find((rate) => rate.channel === channel && rate.domain === undefined),
      service !== undefined,
    ),
    domains:
      channel === 'email'
        ? createDomainGuard({
            store,
            session,
            rates,
            domainOf: (id) => domainOf(people.get(id)?.email ?? null),
            ...(service === undefined ? {} : { service }),
            now: Date.now,
          })
        : null,
  };
}

/** What so many units cost; worked out once for each number of them. */
function pricesOf({ messages, terms }: Sending, channel: Channel): (units: number) => number | null {
  const known = new Map<number, number | null>();
  return (units) => {
    const before = known.get(units);
    if (before !== undefined) return before;
    const price = costMicros(messages.unitCosts, channel, terms.letterKind, units);
    known.set(units, price);
    return price;
  };
}

const domainOf = (email: string | null): string | null => {
  const at = email?.lastIndexOf('@') ?? -1;
  return email === null || at < 0 ? null : email.slice(at + 1).toLowerCase();
};

function prepared<C extends Channel>(
  channel: C,
  { composers, senders }: Sending,
  delivery: ClaimedDelivery,
  recipient: Recipient | undefined,
): Prepared {
  const composed = composers[channel](delivery, recipient);
  if ('outcome' in composed) return composed;
  return { send: () => senders[channel].send(composed.message) };
}
