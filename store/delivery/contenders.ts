import type { Scenario } from '../../domain/campaigns/scenario';
import { channelsFor } from '../../domain/delivery/channel-policy';
import type { Contender } from '../../domain/frequency/arbitration';
import type { CappedMessage } from '../../domain/frequency/cap';
import type { Sql, Tx } from '../db';
import { channelPolicies, controlArmsOf, type StepTerms } from './wave-terms';

/** Another campaign whose first message meets the same caps. */
export interface Rival extends Contender, CappedMessage {
  readonly controlArms: readonly string[];
}

interface Contenders {
  readonly own: Contender | null;
  readonly rivals: readonly Rival[];
}

/** What to compare campaigns by, without what they say. */
type Terms = Pick<
  Scenario,
  | 'mandatory'
  | 'priority'
  | 'expectedValueCents'
  | 'department'
  | 'format'
  | 'nature'
  | 'urgency'
  | 'channels'
  | 'arms'
>;

/**
 * Campaigns of this nature that are approved, running and still to send their first message, and this one among them.
 * A handful of rows, read by every claim: approval, pause and end count from the next claim on.
 */
export async function readContenders(sql: Sql | Tx, own: StepTerms): Promise<Contenders> {
  const rows = await sql<{ campaignId: string; terms: Terms; approvedAt: Date | null }[]>`
    select c.id as "campaignId", jsonb_build_object(
        'mandatory', coalesce(c.scenario -> 'mandatory', 'false'), 'priority', coalesce(c.scenario -> 'priority', '50'),
        'expectedValueCents', coalesce(c.scenario -> 'expectedValueCents', '0'), 'department', c.scenario -> 'department',
        'format', coalesce(c.scenario -> 'format', '"short"'), 'nature', c.scenario -> 'nature',
        'urgency', coalesce(c.scenario -> 'urgency', '"normal"'), 'channels', c.scenario -> 'channels',
        'arms', c.scenario -> 'arms') as terms,
      case when c.approved_hash is not null then coalesce((
        select max(d.at) from approvals a join decisions d on d.approval_id = a.id
        where a.campaign_id = c.id and a.state = 'approved' and d.outcome = 'counted'), c.created_at) end as "approvedAt"
    from campaigns c
    where c."end" is null and c.scenario ->> 'nature' = ${own.nature}
      and (c.id = ${own.campaignId} or (c.approved_hash is not null and c.hold = 'run' and c.stage not in ('observe', 'learn')
        and c.scenario ->> 'kind' is distinct from 'triggered'
        and exists (select from audiences a where a.campaign_id = c.id)))
    order by c.id`;
  const mine = rows.find((row) => row.campaignId === own.campaignId);
  const others = rows.filter((row) => row.campaignId !== own.campaignId);
  const policies = others.some((row) => row.terms.channels === null) ? await channelPolicies(sql) : [];
  return {
    own: mine === undefined ? null : contender(mine),
    rivals: others.map((row) => ({
      ...contender(row),
      nature: row.terms.nature,
      department: row.terms.department,
      format: row.terms.format,
      channels: channelsFor({ ...row.terms, channels: row.terms.channels ?? null }, policies),
      controlArms: controlArmsOf(row.terms),
    })),
  };
}

const contender = (row: { campaignId: string; terms: Terms; approvedAt: Date | null }): Contender => ({
  campaignId: row.campaignId,
  mandatory: row.terms.mandatory,
  priority: row.terms.priority,
  expectedValueCents: row.terms.expectedValueCents,
  approvedAt: row.approvedAt,
});
