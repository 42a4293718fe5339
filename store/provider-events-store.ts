import { buriesAddress } from '../domain/delivery/bounce';
import { MESSAGE_EVENTS } from '../domain/delivery/message-events';
import type { LedgerRef, ProviderEvent, ProviderHappening } from '../domain/delivery/provider-event';
import type { DeliveryState } from '../domain/shared/words';
import type { Sql } from './db';
import { settle } from './delivery/settle';
import { grouped } from './grouped';

/** `no-delivery`: the ledger has no such message, or it was never handed over. */
export type Told =
  { readonly outcome: 'new' | 'known'; readonly deliveryId: number } | { readonly outcome: 'no-delivery' };

/** States of a row whose message may have left the house. */
const HANDED_OVER = ['sending', 'accepted', 'uncertain', 'failed'];

/** How often an event can count: most of them once a message, whoever tells it. */
function eventId(deliveryId: number, { id, happening }: ProviderEvent): string {
  switch (happening.kind) {
    case 'delivered':
      return `delivered.${deliveryId}`;
    case 'complained':
      return `complaint.${deliveryId}`;
    case 'bounced':
      return `bounce.${deliveryId}.${happening.hard ? 'hard' : 'soft'}`;
    case 'deferred':
    case 'returned':
      return `${happening.kind}.${deliveryId}.${id}`;
  }
}

const reasonOf = (happening: ProviderHappening): 'complaint' | 'hard-bounce' | null =>
  happening.kind === 'complained'
    ? 'complaint'
    : happening.kind === 'bounced' && buriesAddress(happening)
      ? 'hard-bounce'
      : null;

interface Asked {
  readonly n: number;
  readonly id: string;
  readonly type: string;
  readonly delivery_id: number;
  readonly code: string | null;
}

const ledgerRef = (deliveryId: number | undefined): LedgerRef | null =>
  deliveryId === undefined ? null : { deliveryId };

/**
 * What comes back about messages from whoever carried them, in any order and however often: an event, the suppression
 * of the address where it means one, and the settlement of a row nobody knew the fate of. Answered once it is committed.
 */
export function createProviderEventsStore(sql: Sql) {
  const resolveProviderIds = async (events: readonly ProviderEvent[]): Promise<Map<string, number>> => {
    const wanted = [...new Set(events.flatMap(({ ref }) => ('providerId' in ref ? [ref.providerId] : [])))];
    if (wanted.length === 0) return new Map();
    // Queue ids of relays come round again: one that stands for two messages stands for none.
    const rows = await sql<{ provider_id: string; id: number }[]>`
      select provider_id, min(id) as id from deliveries
      where provider_id = any(${wanted}::text[]) and channel = 'email' group by provider_id having count(*) = 1`;
    return new Map(rows.map((row) => [row.provider_id, row.id]));
  };

  /** A note of absence proves nothing but that something answers; the rest only a message that was taken can cause. */
  const settleBy = async ({ type, delivery_id: deliveryId, code }: Asked): Promise<void> => {
    if (type === MESSAGE_EVENTS.returned) return;
    await settle(sql, {
      deliveryId,
      outcome: type === MESSAGE_EVENTS.bounced ? 'failed' : 'accepted',
      by: 'provider',
      evidence: code,
    });
  };

  const write = async (events: readonly ProviderEvent[]): Promise<Told[]> => {
    const byProviderId = await resolveProviderIds(events);
    const asked = events.flatMap((event, n) => {
      const { ref, happening } = event;
      const named = 'providerId' in ref ? ledgerRef(byProviderId.get(ref.providerId)) : ref;
      if (named === null) return [];
      const bounce = happening.kind === 'bounced' ? happening : null;
      return [
        {
          n,
          id: eventId(named.deliveryId, event),
          type: MESSAGE_EVENTS[happening.kind],
          at: event.at.toISOString(),
          delivery_id: named.deliveryId,
          campaign_id: named.campaignId ?? null,
          address_fp: named.addressFp ?? null,
          provider_event_id: event.id,
          by: event.by,
          bounce: bounce === null ? null : bounce.hard ? 'hard' : 'soft',
          code: bounce?.code ?? null,
          buries: reasonOf(happening),
        },
      ];
    });
    const rows = await sql<(Asked & { counted: boolean; state: DeliveryState })[]>`
      with asked as materialized (
        select * from json_to_recordset(${JSON.stringify(asked)}::text::json)
          as x(n int, id text, type text, at timestamptz, delivery_id bigint, campaign_id text, address_fp text,
            provider_event_id text, by text, bounce text, code text, buries text)
      ),
      origin as materialized (
        select a.n, a.id, a.type, a.at, a.code, a.buries, d.id as delivery_id, d.campaign_id, d.profile_id, d.state, p.email_fp,
          jsonb_strip_nulls(jsonb_build_object('step', d.step, 'arm', d.arm, 'providerEventId', a.provider_event_id, 'by', a.by,
            'bounce', a.bounce, 'code', a.code)) as properties
        from asked a join deliveries d on d.id = a.delivery_id left join profiles p on p.id = d.profile_id
        where d.channel = 'email' and d.state = any(${HANDED_OVER}::text[])
          and (a.campaign_id is null or a.campaign_id = d.campaign_id)
          and (a.address_fp is null or decode(a.address_fp, 'hex') = p.email_fp)
      ),
      buried as (
        insert into suppressions (fingerprint, reason, at)
        select distinct on (email_fp) email_fp, buries, at from origin where buries is not null and email_fp is not null
        order by email_fp, buries, at
        on conflict do nothing
      ),
      told as (
        insert into events (id, profile_id, type, at, campaign_id, delivery_id, properties)
        select id, profile_id, type, at, campaign_id, delivery_id, properties from origin order by id, at
        on conflict (id) do nothing returning id
      )
      select o.n, o.id, o.type, o.delivery_id, o.code, o.state, exists (select from told t where t.id = o.id) as counted
      from origin o order by o.n`;
    for (const row of rows) if (row.state === 'uncertain') await settleBy(row);
    // Of two in one group that are the same event, the first is the one that was new.
    const unclaimed = new Set(rows.filter((row) => row.counted).map((row) => row.id));
    const told = new Map(
      rows.map((row): [number, Told] => [
        row.n,
        { outcome: unclaimed.delete(row.id) ? 'new' : 'known', deliveryId: row.delivery_id },
      ]),
    );
    return events.map((_, n) => told.get(n) ?? { outcome: 'no-delivery' });
  };

  return { record: grouped(write) };
}

export type ProviderEventsStore = ReturnType<typeof createProviderEventsStore>;
