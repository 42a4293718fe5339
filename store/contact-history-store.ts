import type { Channel, DeliveryState, Nature } from '../domain/shared/words';
import type { Sql } from './db';

/**
 * Whether somebody was reached out to: `in-doubt`, it may have left the house and nobody knows; `not-yet`, it is still to
 * come; `not-made`, it was refused or failed (`delivery.reason`, `delivery.code`).
 */
export const CONTACTS = ['made', 'in-doubt', 'not-yet', 'not-made'] as const;
export type ContactMade = (typeof CONTACTS)[number];

/** One message to somebody: one of ours, whatever became of it, or one another tool made. */
export interface HistoryEntry {
  /** `d<delivery id>` or `c<contact id>`. */
  readonly id: string;
  readonly at: Date;
  /** `boucle`, or the tool that made it. */
  readonly source: string;
  readonly contact: ContactMade;
  readonly nature: Nature;
  readonly channel: Channel;
  readonly department: string;
  readonly campaignId: string | null;
  /** null: another tool's, of which nothing more is known than that it happened. */
  readonly delivery: {
    readonly id: number;
    readonly step: string;
    readonly wave: string;
    readonly arm: string;
    readonly state: DeliveryState;
    readonly code: string | null;
    readonly reason: string | null;
  } | null;
  /** What became of it, in order; `at` in ISO 8601. */
  readonly events: readonly {
    readonly type: string;
    readonly at: string;
    readonly properties: Readonly<Record<string, unknown>>;
  }[];
}

export function createContactHistoryStore(sql: Sql) {
  return {
    /**
     * Newest first, of those kinds; `after` is the id of the last entry of the page before. One person's, so it is sorted
     * whole.
     */
    async of(
      profileId: number,
      page: { readonly contacts: readonly ContactMade[]; readonly after?: string; readonly limit: number },
    ): Promise<HistoryEntry[]> {
      const rows = await sql<HistoryEntry[]>`
        with entry as materialized (
          select 'd' || d.id as id, coalesce(d.settled_at, d.gated_at) as at, 'boucle' as source, coalesce(k.nature, c.scenario ->> 'nature') as nature,
            d.channel, c.scenario ->> 'department' as department, d.campaign_id, d.id as delivery_id,
            case when d.state = 'accepted' then 'made' when d.state in ('sending', 'uncertain') then 'in-doubt'
              when d.state in ('planned', 'claimed') then 'not-yet' else 'not-made' end as contact,
            jsonb_build_object('id', d.id, 'step', d.step, 'wave', d.wave, 'arm', d.arm, 'state', d.state, 'code', d.code,
              'reason', d.reason) as delivery
          from deliveries d join campaigns c on c.id = d.campaign_id
          left join contacts k on k.campaign_id = d.campaign_id and k.step = d.step and k.profile_id = d.profile_id
          where d.profile_id = ${profileId}
          union all
          select 'c' || k.id, k.at, k.source, k.nature, k.channel, k.department, k.campaign_id, null, 'made', null
          from contacts k
          where k.profile_id = ${profileId} and not exists (
            select from deliveries d
            where d.campaign_id = k.campaign_id and d.step = k.step and d.profile_id = k.profile_id)
        )
        select n.id, n.at, n.source, n.contact, n.nature, n.channel, n.department, n.campaign_id as "campaignId", n.delivery,
          coalesce((
            select jsonb_agg(jsonb_build_object('type', e.type, 'at', e.at, 'properties', e.properties) order by e.at, e.id)
            from events e where e.profile_id = ${profileId} and e.delivery_id = n.delivery_id), '[]') as events
        from entry n
        where n.contact = any(${[...page.contacts]}::text[]) and (${page.after ?? null}::text is null
          or (n.at, n.id) < (select a.at, a.id from entry a where a.id = ${page.after ?? null}::text))
        order by n.at desc, n.id desc limit ${page.limit}`;
      return [...rows];
    },
  };
}

export type ContactHistoryStore = ReturnType<typeof createContactHistoryStore>;
