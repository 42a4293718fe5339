import { MESSAGE_EVENTS } from '../../domain/delivery/message-events';
import { ARRIVED, TAKEN } from '../../domain/delivery/provider-event';
import type { Channel } from '../../domain/shared/words';
import type { Sql } from '../db';
import { settle } from './settle';
import { settleArrived } from './settle-arrived';

/**
 * What the provider's events say of rows, whenever they came: an uncertain one becomes what they tell, and one whose
 * message arrived is accepted, however far its row has gone on since. Asked after events are written, and after a row
 * is given another end than accepted: an event can be here while we still wait for the provider's answer.
 * `within` is a condition over the delivery `d`.
 */
export async function settleTold(sql: Sql, within: ReturnType<Sql>): Promise<void> {
  const told = await sql<
    {
      id: number;
      uncertain: boolean;
      bounced: boolean;
      code: string | null;
      arrived_on: Channel | null;
      arrived_at: Date;
    }[]
  >`
    select d.id, d.state = 'uncertain' as uncertain, bool_and(e.type = ${MESSAGE_EVENTS.bounced}) as bounced,
      max(e.properties ->> 'code') as code,
      min(e.properties ->> 'channel') filter (where e.type = any(${[...ARRIVED]}::text[])) as arrived_on,
      min(e.at) filter (where e.type = any(${[...ARRIVED]}::text[])) as arrived_at
    from deliveries d
    join events e on e.profile_id = standing(d.profile_id) and e.delivery_id = d.id and e.type = any(${[...TAKEN]}::text[])
    where d.state in ('planned', 'claimed', 'skipped', 'failed', 'uncertain') and ${within}
      -- Nothing is known of a fallback by what became of the message before it.
      and (d.state <> 'uncertain' or e.properties ->> 'channel' = d.channel)
    group by d.id, d.state`;
  for (const { id, uncertain, bounced, code, arrived_on: channel, arrived_at: at } of told) {
    if (uncertain)
      await settle(sql, {
        deliveryId: id,
        outcome: bounced ? 'failed' : 'accepted',
        by: 'provider',
        evidence: bounced ? code : null,
      });
    else if (channel !== null) await settleArrived(sql, { deliveryId: id, channel, at });
  }
}
