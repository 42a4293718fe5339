import { isDomainRefusal } from '../../domain/delivery/retry-policy';
import { keptForService, type RateLimit } from '../../domain/delivery/rate-limit';
import type { ClaimedDelivery } from '../../store/delivery/claim';
import type { DeliveryOutcome, DeliveryStore, ShardSession } from '../../store/delivery-store';
import type { DomainPlaces } from './domain-places';

/** Puts off the recipients of domains that asked us to slow down, or that are only to get so many a second. */
export interface DomainGuard {
  /** Those of a batch who may be handed over now; the others are put off. */
  admit(claimed: readonly ClaimedDelivery[]): Promise<ClaimedDelivery[]>;
  /** Told what came back: who of those that wait is still to go. A domain that refused is left alone from here on. */
  after(
    outcomes: readonly DeliveryOutcome[],
    waiting: readonly ClaimedDelivery[],
  ): Promise<readonly ClaimedDelivery[]>;
}

export interface DomainGuardContext {
  readonly store: Pick<DeliveryStore, 'backoffsOf' | 'backOff' | 'recovered' | 'takeTokens' | 'defer'>;
  readonly session: ShardSession;
  /** Of one delivery's recipient, in lower case; null: they have none. Never logged. */
  readonly domainOf: (deliveryId: number) => string | null;
  readonly rates: readonly RateLimit[];
  /** Of service messages: they may take what campaigns leave in a bucket, and a domain that hangs gets no more. */
  readonly service?: DomainPlaces;
  readonly now: () => number;
}

/** For one batch of e-mails: what it knows of domains lives no longer than the recipients it was read from. */
export function createDomainGuard({
  store,
  session,
  domainOf,
  rates,
  service,
  now,
}: DomainGuardContext): DomainGuard {
  /** Refused once and not heard of since: the next message they take ends it. */
  const recovering = new Set<string>();

  const crowded = (domain: string): Date | undefined => {
    const waitMs = service?.enter(domain) ?? 0;
    return waitMs === 0 ? undefined : new Date(now() + waitMs);
  };

  const putOff = async (
    deliveries: readonly ClaimedDelivery[],
    until: (domain: string) => Date | undefined,
  ): Promise<ClaimedDelivery[]> => {
    const kept: ClaimedDelivery[] = [];
    const deferrals: { id: number; until: Date }[] = [];
    for (const delivery of deliveries) {
      const domain = domainOf(delivery.id);
      const time = domain === null ? undefined : until(domain);
      if (time === undefined) kept.push(delivery);
      else deferrals.push({ id: delivery.id, until: time });
    }
    await store.defer(session, deferrals, 'backoff');
    return kept;
  };

  /** A domain with a limit gets what its bucket has; the others come when it will have filled up for them. */
  const limited = async (deliveries: readonly ClaimedDelivery[]): Promise<ClaimedDelivery[]> => {
    const limits = rates.filter((rate) => rate.channel === 'email' && rate.domain !== undefined);
    if (limits.length === 0) return [...deliveries];
    const wanted = new Map<string, number>();
    for (const { id } of deliveries) {
      const domain = domainOf(id);
      if (domain !== null) wanted.set(domain, (wanted.get(domain) ?? 0) + 1);
    }
    const requests = limits.flatMap((limit) => {
      const most = wanted.get(limit.domain ?? '');
      return most === undefined
        ? []
        : [{ limit, wanted: most, leave: service === undefined ? keptForService(limit) : 0 }];
    });
    const taken = await store.takeTokens(requests);
    const left = new Map(
      requests.map(({ limit }, at) => [limit.domain ?? '', { go: taken[at] ?? 0, late: 0, limit }]),
    );
    const go: ClaimedDelivery[] = [];
    const deferrals: { id: number; until: Date }[] = [];
    for (const delivery of deliveries) {
      const room = left.get(domainOf(delivery.id) ?? '');
      if (room === undefined || room.go-- > 0) {
        go.push(delivery);
        continue;
      }
      room.late += 1;
      deferrals.push({
        id: delivery.id,
        until: new Date(now() + Math.ceil((room.late / room.limit.perSecond) * 1_000)),
      });
    }
    await store.defer(session, deferrals, 'rate');
    return go;
  };

  return {
    admit: async (claimed) => {
      const domains = new Set(claimed.flatMap(({ id }) => domainOf(id) ?? []));
      const backoffs = await store.backoffsOf([...domains]);
      if (backoffs.size === 0 && service === undefined) return limited(claimed);
      const alone = new Map<string, Date>();
      for (const [domain, until] of backoffs) {
        if (until.getTime() > now()) alone.set(domain, until);
        else recovering.add(domain);
      }
      return limited(await putOff(claimed, (domain) => alone.get(domain) ?? crowded(domain)));
    },

    after: async (outcomes, waiting) => {
      const refused = new Set<string>();
      const back = new Set<string>();
      for (const { id, outcome } of outcomes) {
        const domain = domainOf(id);
        if (domain === null) continue;
        if (outcome.kind === 'retry' && isDomainRefusal(outcome.code)) refused.add(domain);
        else if (outcome.kind === 'accepted' && recovering.has(domain)) back.add(domain);
      }
      for (const domain of refused) {
        recovering.delete(domain);
        back.delete(domain);
      }
      for (const domain of back) recovering.delete(domain);
      if (back.size > 0) await store.recovered([...back]);
      if (refused.size === 0) return waiting;
      const times = await store.backOff([...refused]);
      return putOff(waiting, (domain) => times.get(domain));
    },
  };
}
