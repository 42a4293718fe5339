import { FIRST_STEP } from '../../domain/campaigns/steps';
import type { Channel } from '../../domain/shared/words';
import type { Sql } from '../db';
import { natureOfStep } from '../step-nature-sql';

export interface Arrival {
  readonly deliveryId: number;
  /** By which it arrived: the row may be about to go by another. */
  readonly channel: Channel;
  readonly at: Date;
}

/**
 * A message that did arrive, of a row that says otherwise: planned again after a silence or a failure, claimed for the
 * next attempt, refused by the gate since, or failed. It is accepted and the person's contact stands again, so nobody
 * is written to twice. What it cost is not known any more; what the next attempt had reserved is given back. Answers
 * whether there was such a row: one that is `sending` is told by the answer its worker waits for.
 */
export async function settleArrived(sql: Sql, { deliveryId, channel, at }: Arrival): Promise<boolean> {
  const [row] = await sql<{ settled: number }[]>`
    with arrived as (
      update deliveries d set state = 'accepted', code = null, reason = 'settled:provider', not_before = null, channel = ${channel},
        tried = nullif(array_remove(d.tried, ${channel}), '{}'),
        creative_id = case when d.channel = ${channel} then d.creative_id else (
          select c.id from creatives c
          where c.campaign_id = d.campaign_id and c.step in (d.step, ${FIRST_STEP}) and c.persona = d.persona and c.arm = d.arm
            and c.channel = ${channel} and c.status = 'passed'
          order by c.step = d.step desc, c.revision desc limit 1) end,
        settled_at = coalesce(d.settled_at, least(${at}::timestamptz, clock_timestamp())),
        cost_micros = case when d.channel = ${channel} then d.cost_micros end
      where d.id = ${deliveryId} and d.state in ('planned', 'claimed', 'skipped', 'failed')
      returning d.campaign_id, d.step, d.profile_id, d.channel, d.settled_at,
        coalesce(old.cost_micros, 0) - coalesce(new.cost_micros, 0) as back
    ),
    budget as (
      update campaign_budgets b set spent_micros = greatest(0, b.spent_micros - a.back)
      from arrived a where b.campaign_id = a.campaign_id and a.back > 0
    ),
    contact as (
      insert into contacts (profile_id, at, nature, channel, department, format, campaign_id, step)
      select a.profile_id, a.settled_at,
        ${natureOfStep(sql, sql`c.scenario`, sql`a.step`)},
        a.channel, c.scenario ->> 'department', c.scenario ->> 'format', a.campaign_id, a.step
      from arrived a join campaigns c on c.id = a.campaign_id
      on conflict (campaign_id, step, profile_id) do update set channel = excluded.channel
    )
    select count(*) as settled from arrived`;
  return (row?.settled ?? 0) > 0;
}
