import type { Action } from '../domain/experiments/evaluation';
import type { Decision } from '../domain/approvals/decision';
import { scenarioSchema, type Scenario } from '../domain/campaigns/scenario';
import type { AudienceCounts } from '../domain/campaigns/audience';
import type { End, Hold, Stage } from '../domain/shared/words';
import { audienceCounts } from './audience-counts';
import type { Sql } from './db';
import { toWebhooks } from './webhook-enqueue';

export interface CampaignRow {
  readonly id: string;
  readonly workflowId: string;
  readonly scenario: Scenario;
  /** Of the scenario's version, of the campaign, and of every revision of its creatives. */
  readonly authors: readonly string[];
  readonly hold: Hold;
  readonly approvedHash: string | null;
  readonly end: End | null;
}

/** What earlier runs of a campaign recorded, for one that starts again. */
export interface RecordedProgress {
  readonly stages: Partial<Record<Stage, string>>;
  readonly audience: AudienceCounts | null;
  /** An approval is listed as waiting. */
  readonly approvalWaits: boolean;
  readonly decisions: Decision[];
  readonly evaluation: {
    action: Action;
    arm: string | null;
    reasons: string[];
  } | null;
  readonly waves: Record<string, string>;
  readonly creativeRound: number;
  /** When the roll-out began, ISO 8601: a period is counted from there, also by a run started again. */
  readonly rolloutStartedAt: string | null;
}

/** Writes of the campaign's own rows: stages, hold, why it waits, its end. Reads what a restart needs. */
export function createCampaignsStore(sql: Sql) {
  return {
    async get(campaignId: string): Promise<CampaignRow | null> {
      const [row] = await sql<
        {
          id: string;
          workflow_id: string;
          scenario: unknown;
          authors: string[];
          hold: CampaignRow['hold'];
          approved_hash: string | null;
          end: End | null;
        }[]
      >`
        select c.id, c.workflow_id, c.scenario, c.hold, c.approved_hash, c."end", array(
          select c.created_by
          union
          select s.created_by from scenarios s where s.key = c.scenario_key and s.version = c.scenario_version
          union
          select r.meta ->> 'revisedBy' from creatives r where r.campaign_id = c.id and r.meta ? 'revisedBy'
        ) as authors
        from campaigns c where c.id = ${campaignId}`;
      if (row === undefined) return null;
      return {
        id: row.id,
        workflowId: row.workflow_id,
        scenario: scenarioSchema.parse(row.scenario),
        authors: row.authors,
        hold: row.hold,
        approvedHash: row.approved_hash,
        end: row.end,
      };
    },

    async progress(campaignId: string): Promise<RecordedProgress> {
      const [stages, audience, waiting, decisions, decided, waves, creatives] = await Promise.all([
        sql<{ stage: Stage; outcome: string | null; ended: boolean; started_at: Date }[]>`
          select stage, outcome, ended_at is not null as ended, started_at from campaign_stages where campaign_id = ${campaignId}`,
        audienceCounts(sql, campaignId),
        sql`select 1 from approvals where campaign_id = ${campaignId} and state = 'waiting' limit 1`,
        sql<Decision[]>`
          select d.id as "decisionId", d.decision, d.by, d.via, d.subject_hash as "subjectHash", coalesce(d.reason, '') as reason
          from decisions d join approvals a on a.id = d.approval_id
          where a.campaign_id = ${campaignId} and a.state = 'waiting' and d.outcome = 'counted' order by d.at`,
        sql<
          { decision: RecordedProgress['evaluation'] }[]
        >`select decision from campaigns where id = ${campaignId}`,
        sql<{ wave: string; ended_at: Date }[]>`
          select wave, ended_at from waves where campaign_id = ${campaignId} and ended_at is not null`,
        sql<{ revisions: number }[]>`
          select coalesce(max(revision), 0)::int as revisions from creatives where campaign_id = ${campaignId}`,
      ]);
      return {
        stages: Object.fromEntries(stages.filter((s) => s.ended).map((s) => [s.stage, s.outcome ?? ''])),
        rolloutStartedAt: stages.find((s) => s.stage === 'rollout')?.started_at.toISOString() ?? null,
        audience,
        approvalWaits: waiting.length > 0,
        decisions: [...decisions],
        evaluation: decided[0]?.decision ?? null,
        waves: Object.fromEntries(waves.map((w) => [w.wave, w.ended_at.toISOString()])),
        creativeRound: creatives[0]?.revisions ?? 0,
      };
    },

    /** The first start of a stage keeps its time. */
    async beginStage(campaignId: string, stage: Stage): Promise<void> {
      await sql.begin(async (tx) => {
        await tx`insert into campaign_stages (campaign_id, stage) values (${campaignId}, ${stage}) on conflict do nothing`;
        await tx`update campaigns set stage = ${stage} where id = ${campaignId}`;
      });
    },

    /** Once; a later call changes nothing. */
    async endStage(
      campaignId: string,
      stage: Stage,
      outcome: string,
      details: Record<string, unknown>,
    ): Promise<void> {
      await sql`
        update campaign_stages set ended_at = clock_timestamp(), outcome = ${outcome}, details = ${sql.json(JSON.parse(JSON.stringify(details)))}
        where campaign_id = ${campaignId} and stage = ${stage} and ended_at is null`;
    },

    async setBlockedOn(campaignId: string, blockedOn: string | null): Promise<void> {
      await sql`update campaigns set blocked_on = ${blockedOn} where id = ${campaignId}`;
    },

    /** An abort is final. */
    async setHold(campaignId: string, hold: CampaignRow['hold']): Promise<void> {
      await sql`update campaigns set hold = ${hold} where id = ${campaignId} and hold <> 'aborted'`;
    },

    /** Once; a later call changes nothing. */
    async end(campaignId: string, end: End, reason: string): Promise<void> {
      await sql`
        with ended as (
          update campaigns set "end" = ${end}, end_reason = ${reason}, ended_at = clock_timestamp(), blocked_on = null
          where id = ${campaignId} and "end" is null
          returning id, scenario_key, "end", ended_at
        ), told as (
          select 'campaign.ended:' || id as event_id, jsonb_build_object('campaignId', id, 'scenario', scenario_key,
            'end', "end", 'endedAt', ended_at) as payload
          from ended
        )
        ${toWebhooks(sql, 'campaign.ended')}`;
    },

    /** Campaigns that should have a run in Temporal. The youngest are left alone: their start may be under way. */
    async open(olderThanSeconds: number): Promise<{ id: string; workflowId: string }[]> {
      const rows = await sql<{ id: string; workflowId: string }[]>`
        select id, workflow_id as "workflowId" from campaigns
        where "end" is null and created_at < now() - make_interval(secs => ${olderThanSeconds})`;
      return [...rows];
    },
  };
}

export type CampaignsStore = ReturnType<typeof createCampaignsStore>;
