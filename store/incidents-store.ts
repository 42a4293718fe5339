import { incidentId } from '../domain/incidents/incident';
import type { Sql } from './db';
import { toWebhooks } from './webhook-enqueue';

export interface Incident {
  readonly id: string;
  readonly campaignId: string;
  readonly kind: string;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
  /** null: not posted (yet). */
  readonly slackTs: string | null;
  readonly at: Date;
}

/** Limits crossed and faults a person must look at. */
export function createIncidentsStore(sql: Sql) {
  const columns = sql`id, campaign_id as "campaignId", kind, message, details, slack_ts as "slackTs", at`;
  return {
    /** Opens one per campaign and kind; the first message stays. Answers what is kept. */
    async open(incident: {
      readonly campaignId: string;
      readonly kind: string;
      readonly message: string;
      readonly details: Readonly<Record<string, unknown>>;
    }): Promise<Incident> {
      const id = incidentId(incident.campaignId, incident.kind);
      // The update changes nothing; it makes the statement answer the row that is there. A new row has no xmax.
      const [row] = await sql<Incident[]>`
        with opened as (
          insert into incidents (id, campaign_id, kind, message, details)
          values (${id}, ${incident.campaignId}, ${incident.kind}, ${incident.message}, ${JSON.stringify(incident.details)}::text::jsonb)
          on conflict (id) do update set kind = incidents.kind
          returning *, xmax = 0 as fresh
        ), told as (
          select 'incident.opened:' || id as event_id, jsonb_build_object('incidentId', id, 'campaignId', campaign_id,
            'kind', kind, 'message', message, 'openedAt', at) as payload
          from opened where fresh
        ), outbox as (${toWebhooks(sql, 'incident.opened')})
        select ${columns} from opened`;
      if (row === undefined) throw new Error(`incident ${id} was not written`);
      return row;
    },

    async posted(id: string, slackTs: string): Promise<void> {
      await sql`update incidents set slack_ts = ${slackTs} where id = ${id} and slack_ts is null`;
    },

    async list(campaignId: string): Promise<Incident[]> {
      return sql<
        Incident[]
      >`select ${columns} from incidents where campaign_id = ${campaignId} order by at, id`;
    },
  };
}

export type IncidentsStore = ReturnType<typeof createIncidentsStore>;
