import type { PixelAgent } from '../../domain/delivery/agent-kind';
import { MESSAGE_EVENTS } from '../../domain/delivery/message-events';
import type { Sql } from '../db';

export interface Open {
  readonly deliveryId: number;
  readonly at: Date;
  readonly agent: PixelAgent;
}

/**
 * Whether each was new. Counts only while the person agrees to it at this very moment, whatever they said when it was
 * sent; once a message, and what a proxy fetched unread takes nothing from a later reading.
 */
export async function writeOpens(sql: Sql, opens: readonly Open[]): Promise<boolean[]> {
  const asked = opens.map(({ deliveryId, at, agent }) => ({
    id: `${agent.kind === 'reader' ? 'open' : 'prefetch'}.${deliveryId}`,
    type: agent.kind === 'reader' ? MESSAGE_EVENTS.opened : MESSAGE_EVENTS.prefetched,
    delivery_id: deliveryId,
    at: at.toISOString(),
    agent: agent.proxy ?? 'person',
  }));
  const told = await sql<{ id: string }[]>`
    insert into events (id, profile_id, type, at, campaign_id, delivery_id, properties)
    select a.id, d.profile_id, a.type, a.at, d.campaign_id, d.id, jsonb_build_object('agent', a.agent, 'step', d.step, 'arm', d.arm)
    from json_to_recordset(${JSON.stringify(asked)}::text::json) as a(id text, type text, delivery_id bigint, at timestamptz, agent text)
    join deliveries d on d.id = a.delivery_id and d.open_pixel
    join consent_state c on c.profile_id = d.profile_id and c.purpose = 'email-open-tracking' and c.channel = d.channel
      and c.granted and (c.expires_at is null or c.expires_at > a.at)
    order by a.id, a.at
    on conflict (id) do nothing
    returning id`;
  const unclaimed = new Set(told.map((row) => row.id));
  // Of two of the same message in one group, the first is the one that was new.
  return asked.map(({ id }) => unclaimed.delete(id));
}
