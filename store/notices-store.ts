import type { WaveOf, Yielded } from '../domain/frequency/wave-notice';
import type { Sql } from './db';
import { toWebhooks } from './webhook-enqueue';

export interface WaveNotice extends WaveOf {
  readonly kind: 'budget' | 'yielded';
}

type Key = Pick<WaveNotice, 'campaignId' | 'wave'>;

/** What the owners of campaigns are to be told of their waves. */
export function createNoticesStore(sql: Sql) {
  const told = ({ campaignId, wave }: Key, kind: WaveNotice['kind']) => sql`
    update wave_notices set told_at = clock_timestamp()
    where campaign_id = ${campaignId} and wave = ${wave} and kind = ${kind} and told_at is null`;

  return {
    /**
     * Takes what is due: a budget at once; who gave way when the wave has ended, or `groupSeconds` after the first of
     * them, so that it is one line. Nobody else gets it for `leaseSeconds`, and it is due again if it was not told then.
     */
    async take(limit: number, groupSeconds: number, leaseSeconds: number): Promise<WaveNotice[]> {
      const rows = await sql<WaveNotice[]>`
        update wave_notices n set next_at = clock_timestamp() + make_interval(secs => ${leaseSeconds})
        from campaigns c
        where c.id = n.campaign_id and (n.campaign_id, n.wave, n.kind) in (
          select o.campaign_id, o.wave, o.kind from wave_notices o
          where o.told_at is null and o.next_at <= clock_timestamp()
            and (o.kind = 'budget' or o.noted_at < clock_timestamp() - make_interval(secs => ${groupSeconds})
              or exists (select from waves w where w.campaign_id = o.campaign_id and w.wave = o.wave and w.ended_at is not null))
          order by o.next_at limit ${limit} for update skip locked
        )
        returning n.campaign_id as "campaignId", n.wave, n.kind, c.scenario ->> 'name' as name,
          c.scenario ->> 'department' as department`;
      return [...rows];
    },

    /** Whom a wave has given way to so far, the one that took the most people first. */
    async yieldedTo({ campaignId, wave }: Key): Promise<Yielded[]> {
      const rows = await sql<Yielded[]>`
        select split_part(d.reason, ':', 2) as "campaignId", r.scenario ->> 'name' as name,
          r.scenario ->> 'department' as department,
          count(*) filter (where d.state = 'planned') as deferred, count(*) filter (where d.state <> 'planned') as lost
        from deliveries d join campaigns r on r.id = split_part(d.reason, ':', 2)
        where d.campaign_id = ${campaignId} and d.wave = ${wave} and split_part(d.reason, ':', 1) in ('arbitration', 'yielded')
        group by 1, 2, 3 order by count(*) desc, 1`;
      return [...rows];
    },

    async stoppedByBudget({ campaignId, wave }: Key): Promise<number> {
      const [row] = await sql<{ n: number }[]>`
        select count(*) as n from deliveries
        where campaign_id = ${campaignId} and wave = ${wave} and reason = 'budget' and state <> 'planned'`;
      return row?.n ?? 0;
    },

    /** With an event to subscribers; counts only. */
    async toldYielded(notice: WaveOf, to: readonly Yielded[]): Promise<void> {
      const { campaignId, wave, department } = notice;
      const payload = {
        ...{ campaignId, wave, department },
        to: to.map((rival) => ({
          campaignId: rival.campaignId,
          department: rival.department,
          deferred: rival.deferred,
          lost: rival.lost,
        })),
      };
      await sql`
        with marked as (${told(notice, 'yielded')} returning told_at),
        told as (
          select ${`campaign.yielded:${campaignId}:${wave}`}::text as event_id,
            ${JSON.stringify(payload)}::text::jsonb || jsonb_build_object('toldAt', told_at) as payload
          from marked
        )
        ${toWebhooks(sql, 'campaign.yielded')}`;
    },

    async done(notice: Key & Pick<WaveNotice, 'kind'>): Promise<void> {
      await told(notice, notice.kind);
    },
  };
}

export type NoticesStore = ReturnType<typeof createNoticesStore>;
