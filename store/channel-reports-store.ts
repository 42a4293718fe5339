import { isDeadAddress } from '../domain/delivery/bounce';
import { eventIdOf, eventOf, type ChannelReport } from '../domain/delivery/channel-report';
import type { Channel, DeliveryState } from '../domain/shared/words';
import type { Sql } from './db';
import { settle } from './delivery/settle';
import { grouped } from './grouped';

/** `no-delivery`: the ledger has no such message on this channel, or it was never handed over. */
export type ReportOutcome = 'new' | 'known' | 'no-delivery';

/** States of a row whose message may have left the house. */
const HANDED_OVER = ['sending', 'accepted', 'uncertain', 'failed'];

/**
 * What comes back about SMS and letters, in any order and however often: an event, the suppression of a number nobody
 * has, and the settlement of a row nobody knew the fate of. Answered once it is committed.
 */
export function createChannelReportsStore(sql: Sql, channels: readonly Channel[]) {
  const write = async (reports: readonly ChannelReport[]): Promise<ReportOutcome[]> => {
    const asked = reports.map((report, n) => {
      const { happening } = report;
      return {
        n,
        id: eventIdOf(report),
        type: eventOf(report),
        at: report.at.toISOString(),
        delivery_id: report.deliveryId,
        provider_id: report.providerId,
        told_as: report.id,
        code: happening.kind === 'bounced' ? happening.code : null,
        proof: happening.kind === 'letter' ? happening.proof : null,
        dead: happening.kind === 'bounced' && happening.code !== null && isDeadAddress('sms', happening.code),
      };
    });
    const rows = await sql<{ n: number; id: string; state: DeliveryState; counted: boolean }[]>`
      with asked as materialized (
        select * from json_to_recordset(${JSON.stringify(asked)}::text::json)
          as x(n int, id text, type text, at timestamptz, delivery_id bigint, provider_id text, told_as text, code text,
            proof text, dead boolean)
      ),
      origin as materialized (
        select a.n, a.id, a.type, a.at, a.dead, d.id as delivery_id, d.campaign_id, d.profile_id, d.state, p.phone_fp,
          jsonb_strip_nulls(jsonb_build_object('step', d.step, 'arm', d.arm, 'channel', d.channel, 'providerEventId', a.told_as,
            'by', 'webhook', 'code', a.code, 'proof', a.proof,
            'bounce', case when a.type = 'message.bounced' then case when a.dead then 'hard' else 'soft' end end)) as properties
        from asked a join deliveries d on d.id = a.delivery_id left join profiles p on p.id = d.profile_id
        where d.channel = any(${[...channels]}::text[]) and d.state = any(${HANDED_OVER}::text[])
          and (a.provider_id is null or coalesce(d.provider_id, '') in ('', a.provider_id))
      ),
      buried as (
        insert into suppressions (fingerprint, reason, at)
        select phone_fp, 'hard-bounce', min(at) from origin where dead and phone_fp is not null group by phone_fp
        on conflict do nothing
      ),
      told as (
        insert into events (id, profile_id, type, at, campaign_id, delivery_id, properties)
        select id, profile_id, type, at, campaign_id, delivery_id, properties from origin where type is not null order by id, at
        on conflict (id) do nothing returning id
      )
      select o.n, o.id, o.state, exists (select from told t where t.id = o.id) as counted from origin o order by o.n`;
    for (const { n, state } of rows) {
      const report = reports[n];
      if (report !== undefined && state === 'uncertain') await settleBy(report);
    }
    // Of two in one group that are the same event, the first is the one that was new.
    const unclaimed = new Set(rows.filter((row) => row.counted).map((row) => row.id));
    const told = new Map(
      rows.map((row): [number, ReportOutcome] => [row.n, unclaimed.delete(row.id) ? 'new' : 'known']),
    );
    return reports.map((_, n) => told.get(n) ?? 'no-delivery');
  };

  /** Whatever a provider tells of a message, it had taken it; only one that never arrived is as good as not sent. */
  const settleBy = async ({ deliveryId, happening }: ChannelReport): Promise<void> => {
    await settle(sql, {
      deliveryId,
      outcome: happening.kind === 'bounced' ? 'failed' : 'accepted',
      by: 'provider',
      evidence: happening.kind === 'bounced' ? happening.code : null,
    });
  };

  return { record: grouped(write) };
}

export type ChannelReportsStore = ReturnType<typeof createChannelReportsStore>;
