import { MESSAGE_EVENTS } from '../../domain/delivery/message-events';
import type { Sql } from '../db';
import { settle } from './settle';

/** Only a message that was taken can cause these. A note of absence proves nothing, and a click may be a forwarder's. */
const PROOFS = [
  MESSAGE_EVENTS.delivered,
  MESSAGE_EVENTS.deferred,
  MESSAGE_EVENTS.complained,
  MESSAGE_EVENTS.bounced,
];

/**
 * Settles rows that became `uncertain` after the provider had told what became of them: its event can be here while we
 * still wait for its answer. `within` is a condition over the delivery `d`.
 */
export async function settleTold(sql: Sql, within: ReturnType<Sql>): Promise<void> {
  const told = await sql<{ id: number; bounced: boolean; code: string | null }[]>`
    select d.id, bool_and(e.type = ${MESSAGE_EVENTS.bounced}) as bounced, max(e.properties ->> 'code') as code
    from deliveries d join events e on e.profile_id = d.profile_id and e.delivery_id = d.id and e.type = any(${PROOFS}::text[])
    where d.state = 'uncertain' and ${within}
    group by d.id`;
  for (const { id, bounced, code } of told)
    await settle(sql, {
      deliveryId: id,
      outcome: bounced ? 'failed' : 'accepted',
      by: 'provider',
      evidence: bounced ? code : null,
    });
}
