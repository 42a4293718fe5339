import { buriesAddress } from '../domain/delivery/bounce';
import {
  eventTypeOf,
  onceBy,
  type ProviderEvent,
  type ProviderHappening,
} from '../domain/delivery/provider-event';
import type { Channel, DeliveryState } from '../domain/shared/words';
import type { Sql } from './db';
import { settle } from './delivery/settle';
import { settleTold } from './delivery/settle-told';
import { grouped } from './grouped';

/**
 * `no-delivery`: the ledger has no such message on these channels, or it was never handed over there. `contradicts`: the
 * teller's id of the event stands for another message already, and nothing of it is taken.
 */
export type Told =
  | { readonly outcome: 'new' | 'known' | 'contradicts'; readonly deliveryId: number }
  | { readonly outcome: 'no-delivery' };

/** States of a row whose message may have left the house on its present channel. */
const HANDED_OVER = ['sending', 'accepted', 'uncertain', 'failed'];

const reasonOf = (happening: ProviderHappening): 'complaint' | 'hard-bounce' | null =>
  happening.kind === 'complained'
    ? 'complaint'
    : happening.kind === 'bounced' && buriesAddress(happening)
      ? 'hard-bounce'
      : null;

/** What a group asks to be written, as its statement reads it. `n`: whose it is. */
function askedOf({ id, at, by, happening }: ProviderEvent) {
  const bounce = happening.kind === 'bounced' ? happening : null;
  return {
    once: onceBy({ id, happening }),
    type: eventTypeOf(happening),
    at: at.toISOString(),
    told_as: id,
    by,
    bounce: bounce === null ? null : bounce.hard ? 'hard' : 'soft',
    code: bounce?.code ?? null,
    proof: happening.kind === 'letter' ? happening.proof : null,
    buries: reasonOf(happening),
  };
}

interface Written {
  readonly n: number;
  readonly id: string;
  readonly delivery_id: number;
  readonly type: string | null;
  readonly state: DeliveryState;
  readonly counted: boolean;
  readonly contradicts: boolean;
}

/**
 * What comes back about messages from whoever carried them on these channels, in any order and however often: an event,
 * the suppression of the address where it means one, and what it says of a row nobody knew the fate of. It may be about
 * an attempt that lies behind its row, which is planned again or has gone another way since. Answered once it is
 * committed.
 */
export function createProviderEventsStore(sql: Sql, channels: readonly Channel[]) {
  const carried = [...channels];

  const resolveProviderIds = async (events: readonly ProviderEvent[]): Promise<Map<string, number>> => {
    const wanted = [...new Set(events.flatMap(({ ref }) => ('deliveryId' in ref ? [] : [ref.providerId])))];
    if (wanted.length === 0) return new Map();
    // Queue ids of relays come round again: one that stands for two messages stands for none.
    const rows = await sql<{ provider_id: string; id: number }[]>`
      select provider_id, min(id) as id from deliveries
      where provider_id = any(${wanted}::text[]) and channel = any(${carried}::text[]) group by provider_id having count(*) = 1`;
    return new Map(rows.map((row) => [row.provider_id, row.id]));
  };

  const write = async (events: readonly ProviderEvent[]): Promise<Told[]> => {
    const byProviderId = await resolveProviderIds(events);
    const asked = events.flatMap((event, n) => {
      const { ref } = event;
      const deliveryId = 'deliveryId' in ref ? ref.deliveryId : byProviderId.get(ref.providerId);
      if (deliveryId === undefined) return [];
      const { campaignId = null, addressFp = null, providerId = null } = 'deliveryId' in ref ? ref : {};
      return [
        {
          n,
          delivery_id: deliveryId,
          campaign_id: campaignId,
          address_fp: addressFp,
          provider_id: providerId,
          ...askedOf(event),
        },
      ];
    });
    const rows = await sql<Written[]>`
      with asked as materialized (
        select * from json_to_recordset(${JSON.stringify(asked)}::text::json)
          as x(n int, delivery_id bigint, campaign_id text, address_fp text, provider_id text, once text, type text,
            at timestamptz, told_as text, by text, bounce text, code text, proof text, buries text)
      ),
      -- On which channel: the row's own if it was handed over there, else the last of those it went by before.
      placed as materialized (
        select a.n, a.type, a.at, a.buries, a.told_as, a.by, d.id as delivery_id, d.campaign_id, d.profile_id, d.state,
          format('%s.%s.%s', o.channel, d.id, a.once) as id, f.fingerprint,
          jsonb_strip_nulls(jsonb_build_object('step', d.step, 'arm', d.arm, 'channel', o.channel, 'providerEventId', a.told_as,
            'by', a.by, 'bounce', a.bounce, 'code', a.code, 'proof', a.proof)) as properties
        from asked a
        join deliveries d on d.id = a.delivery_id and d.id = any(array(select delivery_id from asked))
        cross join lateral (select case
          when d.channel = any(${carried}::text[]) and (d.state = any(${HANDED_OVER}::text[]) or d.attempts > 0) then d.channel
          else (select t.channel from unnest(d.tried) with ordinality t (channel, nth)
            where t.channel = any(${carried}::text[]) order by t.nth desc limit 1) end as channel) o
        left join profiles p on p.id = d.profile_id
        cross join lateral (select case o.channel when 'email' then p.email_fp when 'sms' then p.phone_fp end as fingerprint) f
        where o.channel is not null
          and (a.campaign_id is null or a.campaign_id = d.campaign_id)
          and (a.address_fp is null or decode(a.address_fp, 'hex') = f.fingerprint)
          and (a.provider_id is null or coalesce(d.provider_id, '') in ('', a.provider_id))
      ),
      -- A provider's id of an event stands for one message: the first it was told of. Twilio tells all of a message under
      -- one id, and a report that comes to several recipients is one mail.
      judged as materialized (
        select p.*, p.by = 'webhook' and p.delivery_id <> coalesce(t.delivery_id, first_value(p.delivery_id) over (partition by p.by, p.told_as order by p.n)) as contradicts
        from placed p left join lateral (
          select e.delivery_id from events e
          where e.properties ->> 'providerEventId' = p.told_as and e.properties ->> 'by' = p.by
            and e.properties ->> 'channel' = any(${carried}::text[])
          order by e.received_at limit 1) t on true
      ),
      origin as materialized (select * from judged where not contradicts),
      buried as (
        insert into suppressions (fingerprint, reason, at)
        select distinct on (fingerprint) fingerprint, buries, at from origin where buries is not null and fingerprint is not null
        order by fingerprint, buries, at
        on conflict do nothing
      ),
      told as (
        insert into events (id, profile_id, type, at, campaign_id, delivery_id, properties)
        select id, profile_id, type, at, campaign_id, delivery_id, properties from origin where type is not null order by id, at
        on conflict (id) do nothing returning id
      )
      select j.n, j.id, j.delivery_id, j.type, j.state, j.contradicts,
        not j.contradicts and exists (select from told t where t.id = j.id) as counted
      from judged j order by j.n`;
    await settleBy(rows.filter((row) => !row.contradicts));
    // Of two in one group that are the same event, the first is the one that was new.
    const unclaimed = new Set(rows.filter((row) => row.counted).map((row) => row.id));
    const outcomeOf = (row: Written): 'new' | 'known' | 'contradicts' =>
      row.contradicts ? 'contradicts' : unclaimed.delete(row.id) ? 'new' : 'known';
    const told = new Map(
      rows.map((row): [number, Told] => [row.n, { outcome: outcomeOf(row), deliveryId: row.delivery_id }]),
    );
    return events.map((_, n) => told.get(n) ?? { outcome: 'no-delivery' });
  };

  /** By the events of the row, now that they are committed: whoever changes it meanwhile has them before them too. */
  const settleBy = async (rows: readonly Written[]): Promise<void> => {
    const open = rows.filter(({ state }) => state !== 'accepted');
    const ids = [...new Set(open.flatMap((row) => (row.type === null ? [] : [row.delivery_id])))];
    if (ids.length > 0) await settleTold(sql, sql`d.id = any(${ids}::bigint[])`);
    for (const { type, delivery_id: deliveryId } of open)
      if (type === null)
        await settle(sql, { deliveryId, outcome: 'accepted', by: 'provider', evidence: null });
  };

  return { record: grouped(write) };
}

export type ProviderEventsStore = ReturnType<typeof createProviderEventsStore>;
