import { letterKindOn } from '../../domain/delivery/letter-kind';
import type { ConsentRule } from '../../domain/delivery/nature-rules';
import { suppressionScopes } from '../../domain/delivery/suppression-scopes';
import { costMicros } from '../../domain/delivery/unit-cost';
import type { Senders } from '../../domain/delivery/ports';
import type { Channel } from '../../domain/shared/words';
import type { ClaimedDelivery } from '../../store/delivery/claim';
import type { MessageTerms } from '../../store/delivery/message-terms';
import type { DeliveryStore, Recipient, ShardSession, WaveTerms } from '../../store/delivery-store';
import type { CircuitBreaker } from './circuit-breaker';
import type { Composers } from './compose';
import { createDomainGuard } from './domain-guard';
import { createProviderRate } from './provider-rate';
import { sendBatch, type Prepared, type Stop } from './send-batch';
import type { SlotsByChannel } from './wire-slots';

/** What a worker has one of, whoever sends. */
export interface SendingTools {
  readonly store: DeliveryStore;
  readonly senders: Senders;
  readonly slots: SlotsByChannel;
  readonly breaker: CircuitBreaker;
}

export interface Sending extends SendingTools {
  readonly session: ShardSession;
  readonly terms: Pick<WaveTerms, 'campaignId' | 'channels' | 'letterKind' | 'rule' | 'brand'>;
  readonly messages: MessageTerms;
  readonly composers: Composers;
  readonly wish: () => Stop | null;
  readonly onHandedOver: (messages: number) => void;
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
  const left = new Set(claimed.map(({ id }) => id));
  let stop: Stop | null = null;
  try {
    const found = await store.recipientsFor(claimed, [...byChannel.keys()]);
    const people = new Map(claimed.map(({ id }, at) => [id, found[at]]));
    for (const [channel, deliveries] of byChannel) {
      for (const { id } of deliveries) left.delete(id);
      stop = await sendBatch(
        {
          store,
          session,
          channel,
          campaignId: terms.campaignId,
          channels: terms.channels,
          still: {
            channel,
            consents: consentsOf(terms, channel),
            scopes: suppressionScopes(terms.brand),
          },
          slots: sending.slots[channel],
          breaker: sending.breaker,
          ...limitsOf(sending, channel, people),
          prepare: (delivery) => prepared(channel, sending, delivery, people.get(delivery.id)),
          costMicros: (units) => costMicros(sending.messages.unitCosts, channel, terms.letterKind, units),
          wish: sending.wish,
          onHandedOver: sending.onHandedOver,
        },
        deliveries,
      );
      if (stop !== null) break;
    }
  } finally {
    // Where this fails the lock is lost or the database gone, and the next attempt's reclaim does it.
    if (left.size > 0) await store.release(session, [...left], stop ?? 'stopped').catch(() => {});
  }
  return stop;
}

/** A registered e-letter needs a yes of its own. */
const consentsOf = ({ rule, letterKind }: Sending['terms'], channel: Channel): ConsentRule[] => [
  ...(rule.consent === null ? [] : [rule.consent]),
  ...(channel === 'e-letter' && letterKindOn(channel, letterKind) === 'lre'
    ? [{ purpose: 'registered-e-letter', kind: 'opt-in' } as const]
    : []),
];

function limitsOf(
  { store, session, messages: { rates } }: Sending,
  channel: Channel,
  people: ReadonlyMap<number, Recipient | undefined>,
) {
  return {
    rate: createProviderRate(
      store,
      rates.find((rate) => rate.channel === channel && rate.domain === undefined),
    ),
    domains:
      channel === 'email'
        ? createDomainGuard({
            store,
            session,
            rates,
            domainOf: (id) => domainOf(people.get(id)?.email ?? null),
            now: Date.now,
          })
        : null,
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
