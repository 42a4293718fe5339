import { channelsOfStep } from '../../domain/campaigns/arm-ways';
import type { AudienceCounts } from '../../domain/campaigns/audience';
import { claimsOf, type Claim } from '../../domain/campaigns/claims';
import { scenarioSchema } from '../../domain/campaigns/scenario';
import { FIRST_STEP, stepOf } from '../../domain/campaigns/steps';
import type { Contender } from '../../domain/frequency/arbitration';
import type { CappedMessage } from '../../domain/frequency/cap';
import type { Stage } from '../../domain/shared/words';
import { audienceColumns } from '../audience-counts';
import type { Sql, Tx } from '../db';
import { channelPolicies, controlArmsOf, type StepTerms } from './wave-terms';

/** Another campaign whose first message meets the same caps. */
export interface Rival extends Contender, CappedMessage {
  readonly controlArms: readonly string[];
  /** Parts of its audience it has still to write to, and when. */
  readonly claims: readonly Claim[];
}

interface Contenders {
  readonly own: Contender;
  readonly rivals: readonly Rival[];
}

interface Row {
  readonly id: string;
  readonly scenario: unknown;
  readonly stage: Stage;
  readonly started_at: Date;
  readonly approved_at: Date;
  readonly now: Date;
}

/**
 * Campaigns of this nature that are approved, running and still to send their first message, beside this one. A handful
 * of rows, read by every claim: approval, pause and end count from the next claim on.
 */
export async function readContenders(sql: Sql | Tx, own: StepTerms): Promise<Contenders> {
  const approvedAt = sql`
    case when c.approved_hash is not null then coalesce((
      select max(d.at) from approvals a join decisions d on d.approval_id = a.id
      where a.campaign_id = c.id and a.state = 'approved' and d.outcome = 'counted'), c.created_at) end`;
  const [[mine], rows] = await Promise.all([
    sql<{ approved_at: Date | null }[]>`
      select ${approvedAt} as approved_at from campaigns c where c.id = ${own.campaignId}`,
    sql<(Row & AudienceCounts)[]>`
      select c.id, c.scenario, c.stage, coalesce(s.started_at, c.created_at) as started_at, ${approvedAt} as approved_at, statement_timestamp() as now,
        ${audienceColumns(sql)}
      from campaigns c
      join audiences a on a.campaign_id = c.id
      left join campaign_stages s on s.campaign_id = c.id and s.stage = c.stage
      where c."end" is null and c.id <> ${own.campaignId} and c.scenario ->> 'nature' = ${own.nature}
        and c.approved_hash is not null and c.hold = 'run' and c.stage not in ('observe', 'learn')
        and c.scenario ->> 'kind' is distinct from 'triggered'
      order by c.id`,
  ]);
  const policies = rows.length > 0 ? await channelPolicies(sql) : [];
  return {
    own: { campaignId: own.campaignId, ...own.rank, approvedAt: mine?.approved_at ?? null },
    rivals: rows.map((row) => {
      const scenario = scenarioSchema.parse(row.scenario);
      const { mandatory, priority, expectedValueCents, nature, department, format } = scenario;
      const campaign = { scenario, counts: row, stage: row.stage, stageStartedAt: row.started_at };
      return {
        campaignId: row.id,
        ...{ mandatory, priority, expectedValueCents, nature, department, format },
        approvedAt: row.approved_at,
        channels: channelsOfStep(scenario, stepOf(scenario, FIRST_STEP), policies),
        controlArms: controlArmsOf(scenario),
        claims: claimsOf({ ...campaign, approvedAt: row.approved_at }, policies, row.now),
      };
    }),
  };
}
