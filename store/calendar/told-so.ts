import type { Sql, Tx } from '../db';

/** People a campaign did not get when it wanted them, and why. */
export interface HeldBack {
  readonly campaignId: string;
  readonly campaign: string;
  readonly department: string;
  readonly step: string;
  /** `arbitration:<campaign id>`, `yielded:<campaign id>` or `cap:<key>`, as in the ledger. */
  readonly reason: string;
  /** The campaign that went first. */
  readonly rival: string | null;
  /** They are still to get it: in the next window, or once the other has written. */
  readonly deferred: number;
  /** They do not get it. */
  readonly lost: number;
}

/** Of campaigns that are open or ended since: the losers of arbitration and caps, so that their owners know. */
export async function heldBack(
  sql: Sql | Tx,
  input: { readonly since: Date; readonly market: string; readonly department: string | null },
): Promise<HeldBack[]> {
  return sql<HeldBack[]>`
    select d.campaign_id as "campaignId", c.scenario ->> 'name' as campaign, c.scenario ->> 'department' as department, d.step,
      d.reason, case when d.reason not like 'cap:%' then split_part(d.reason, ':', 2) end as rival,
      count(*) filter (where d.state = 'planned') as deferred, count(*) filter (where d.state = 'skipped') as lost
    from campaigns c join deliveries d on d.campaign_id = c.id
    where (c."end" is null or c.ended_at >= ${input.since}) and coalesce(c.scenario ->> 'market', 'FR') = ${input.market}
      and (${input.department}::text is null or c.scenario ->> 'department' = ${input.department})
      and d.state in ('planned', 'skipped') and split_part(d.reason, ':', 1) in ('arbitration', 'yielded', 'cap')
    group by 1, 2, 3, 4, 5
    order by 1, 4, 5`;
}
