import { sendingArms } from '../../domain/campaigns/arms';
import type { AudienceCounts } from '../../domain/campaigns/audience';
import { expectedSends } from '../../domain/campaigns/expected-sends';
import { scenarioSchema } from '../../domain/campaigns/scenario';
import type { Stage } from '../../domain/shared/words';
import { audienceColumns } from '../audience-counts';
import type { Sql, Tx } from '../db';
import { channelPolicies } from '../delivery/wave-terms';

/** A stretch of time in which people of one part of a campaign's audience are expected to get one step. */
export interface PlannedSpan {
  readonly campaign_id: string;
  readonly department: string;
  readonly step: string;
  readonly part: string;
  readonly nature: string;
  readonly channel: string;
  readonly format: string;
  /** ISO 8601. */
  readonly from_at: string;
  readonly until_at: string;
  /** Arms of this part that send; null: everybody's, whatever arm they will get. */
  readonly control_arms: readonly string[];
  readonly follows: string | null;
  /** States of the earlier message after which this one is sent; without a row it may yet come, but for a failure. */
  readonly after_states: readonly string[];
  readonly after_seconds: number;
}

/** What open campaigns are still expected to send. People who enter a continuous campaign cannot be foreseen. */
export async function plannedSpans(sql: Sql | Tx, now: Date, market: string): Promise<PlannedSpan[]> {
  const [rows, policies] = await Promise.all([
    sql<(AudienceCounts & { id: string; scenario: unknown; stage: Stage; started_at: Date })[]>`
      select c.id, c.scenario, c.stage, coalesce(s.started_at, c.created_at) as started_at,
        ${audienceColumns(sql)}
      from campaigns c
      join audiences a on a.campaign_id = c.id
      left join campaign_stages s on s.campaign_id = c.id and s.stage = c.stage
      where c."end" is null and c.hold <> 'aborted' and coalesce(c.scenario ->> 'market', 'FR') = ${market}
      order by c.created_at, c.id`,
    channelPolicies(sql),
  ]);
  return rows.flatMap(({ id, scenario: definition, stage, started_at, ...counts }) => {
    const scenario = scenarioSchema.parse(definition);
    const sending = new Set(sendingArms(scenario).map((arm) => arm.key));
    const controls = scenario.arms.map((arm) => arm.key).filter((key) => !sending.has(key));
    const campaign = { scenario, counts, stage, stageStartedAt: started_at };
    return expectedSends(campaign, policies, now).map((send) => ({
      campaign_id: id,
      department: scenario.department,
      step: send.step,
      part: send.part,
      nature: send.nature,
      channel: send.channel,
      format: scenario.format,
      from_at: send.from.toISOString(),
      until_at: send.until.toISOString(),
      control_arms: controls,
      follows: send.follows?.step ?? null,
      after_states:
        send.follows?.when === 'failed'
          ? ['failed']
          : ['accepted', 'uncertain', 'sending', 'claimed', 'planned'],
      after_seconds: send.follows?.afterSeconds ?? 0,
    }));
  });
}
