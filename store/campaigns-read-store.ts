import type { AudienceCounts, DeliveryCounts } from '../domain/campaigns/audience';
import { waterfall, type AudienceForecastNote, type WaterfallStep } from '../domain/campaigns/waterfall';
import { estimatedEnd, waveProgress } from '../domain/campaigns/wave-progress';
import { BoucleError } from '../domain/shared/errors';
import type { End, Hold, Stage } from '../domain/shared/words';
import { audienceCounts } from './audience-counts';
import { readForecast } from './audience-forecast';
import type { Sql } from './db';
import { countsByWave, type WaveFlow } from './delivery/counts';

export interface CampaignSummary {
  readonly id: string;
  readonly scenario: string;
  readonly version: number;
  readonly name: string;
  readonly owner: string;
  readonly market: string;
  readonly department: string;
  readonly stage: Stage;
  readonly hold: Hold;
  /** Why it is waiting, in words; null: it is not. */
  readonly blockedOn: string | null;
  readonly end: End | null;
  readonly endReason: string | null;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
  readonly workflowId: string;
  readonly runId: string | null;
}

export interface StageRecord {
  readonly name: Stage;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly outcome: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface WaveRecord extends DeliveryCounts, WaveFlow {
  readonly step: string;
  readonly wave: string;
  readonly part: string;
  /** The arm everybody of the wave gets; null: each their own. */
  readonly arm: string | null;
  /** Control people, who get nothing; not in `planned`. */
  readonly withheld: number;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  /** Who is left by then is skipped. null: planned before waves had deadlines. */
  readonly deadlineAt: Date | null;
  /** Settled a second over the last minute; null once it has ended or before anything is settled. */
  readonly perSecond: number | null;
  readonly secondsLeft: number | null;
  readonly estimatedEnd: Date | null;
}

export interface WaitingApproval {
  readonly id: string;
  readonly subjectHash: string;
  readonly requestedAt: Date;
  readonly deadlineAt: Date;
}

/** `waterfall` says how the segment came down to the members. */
export interface AudienceView extends AudienceCounts {
  readonly waterfall: readonly WaterfallStep[];
  readonly forecast: AudienceForecastNote | null;
}

export interface CampaignView extends CampaignSummary {
  readonly objective: string;
  readonly hypothesis: string;
  readonly stages: readonly StageRecord[];
  readonly audience: AudienceView | null;
  readonly deliveries: DeliveryCounts;
  readonly waves: readonly WaveRecord[];
  readonly approval: WaitingApproval | null;
  readonly decision: unknown;
  readonly incidents: number;
}

type WaveRow = Omit<WaveRecord, keyof (DeliveryCounts & WaveFlow) | keyof typeof UNKNOWN>;

/** A wave that is held sends nothing: what its rate says about the time left would be wrong. */
const UNKNOWN = { perSecond: null, secondsLeft: null, estimatedEnd: null } as const;

/** Campaigns as people look at them. Reads only; every count comes from the ledger. */
export function createCampaignsReadStore(sql: Sql) {
  const summary = sql`
    id, scenario_key as scenario, scenario_version as version, scenario ->> 'name' as name, scenario ->> 'owner' as owner,
    coalesce(scenario ->> 'market', 'FR') as market, scenario ->> 'department' as department, stage, hold, blocked_on as "blockedOn",
    "end", end_reason as "endReason", created_by as "createdBy", created_at as "createdAt", ended_at as "endedAt",
    workflow_id as "workflowId", run_id as "runId"`;

  const wavesOf = async (campaignId: string): Promise<WaveRecord[]> => {
    const [rows, counted] = await Promise.all([
      sql<(WaveRow & { now: Date })[]>`
        select step, wave, part, arm, withheld, started_at as "startedAt", ended_at as "endedAt", deadline_at as "deadlineAt", now() as now
        from waves where campaign_id = ${campaignId} order by started_at, wave`,
      countsByWave(sql, campaignId),
    ]);
    return rows.flatMap(({ now, ...row }) => {
      const counts = counted.find((one) => one.step === row.step && one.wave === row.wave);
      // Planned between the two readings: it shows the next time.
      if (counts === undefined) return [];
      const standing = {
        planned: counts.planned,
        open: counts.open,
        recent: counts.recent,
        elapsedSeconds: (now.getTime() - row.startedAt.getTime()) / 1_000,
        ended: row.endedAt !== null,
      };
      return [{ ...row, ...counts, ...waveProgress(standing), estimatedEnd: estimatedEnd(standing, now) }];
    });
  };

  return {
    /** Newest first; `before` is the id of the last campaign of the page before. */
    async list(filter: {
      state?: 'open' | 'ended';
      scenario?: string;
      before?: string;
      limit: number;
    }): Promise<CampaignSummary[]> {
      return sql<CampaignSummary[]>`
        select ${summary} from campaigns
        where true
          ${filter.state === undefined ? sql`` : filter.state === 'open' ? sql`and "end" is null` : sql`and "end" is not null`}
          ${filter.scenario === undefined ? sql`` : sql`and scenario_key = ${filter.scenario}`}
          ${filter.before === undefined ? sql`` : sql`and (created_at, id) < (select created_at, id from campaigns where id = ${filter.before})`}
        order by created_at desc, id desc limit ${filter.limit}`;
    },

    /** One campaign with everything a person asks about it. Throws not-found. */
    async get(campaignId: string): Promise<CampaignView> {
      const [[row], stages, counts, forecast, waves, approvals, incidents] = await Promise.all([
        sql<(CampaignSummary & { objective: string; hypothesis: string; decision: unknown })[]>`
          select ${summary}, scenario ->> 'objective' as objective, scenario ->> 'hypothesis' as hypothesis, decision
          from campaigns where id = ${campaignId}`,
        sql<StageRecord[]>`
          select stage as name, started_at as "startedAt", ended_at as "endedAt", outcome, details
          from campaign_stages where campaign_id = ${campaignId} order by started_at, ended_at nulls last`,
        audienceCounts(sql, campaignId),
        readForecast(sql, campaignId),
        wavesOf(campaignId),
        sql<WaitingApproval[]>`
          select id, subject_hash as "subjectHash", requested_at as "requestedAt", deadline_at as "deadlineAt"
          from approvals where campaign_id = ${campaignId} and state = 'waiting' order by requested_at desc limit 1`,
        sql<{ count: number }[]>`select count(*) from incidents where campaign_id = ${campaignId}`,
      ]);
      if (row === undefined) throw new BoucleError('not-found', 'No such campaign.');
      const held = row.hold !== 'run';
      return {
        ...row,
        stages: [...stages],
        audience: counts === null ? null : { ...counts, waterfall: waterfall(counts), forecast },
        waves: waves.map((wave) => (held ? { ...wave, ...UNKNOWN } : wave)),
        deliveries: {
          planned: sum(waves, 'planned'),
          accepted: sum(waves, 'accepted'),
          failed: sum(waves, 'failed'),
          skipped: sum(waves, 'skipped'),
          uncertain: sum(waves, 'uncertain'),
          open: sum(waves, 'open'),
        },
        approval: approvals[0] ?? null,
        incidents: incidents[0]?.count ?? 0,
      };
    },

    /** What a command needs to know first. Throws not-found. */
    async standing(
      campaignId: string,
    ): Promise<{ workflowId: string; hold: Hold; end: End | null; stage: Stage }> {
      const [row] = await sql<{ workflowId: string; hold: Hold; end: End | null; stage: Stage }[]>`
        select workflow_id as "workflowId", hold, "end", stage from campaigns where id = ${campaignId}`;
      if (row === undefined) throw new BoucleError('not-found', 'No such campaign.');
      return row;
    },

    /** Every decision made about a campaign, those that changed nothing too. */
    async decisions(campaignId: string) {
      return sql<
        {
          id: string;
          decision: 'approve' | 'reject';
          by: string;
          via: 'rest' | 'slack';
          subjectHash: string;
          reason: string | null;
          outcome: string;
          at: Date;
        }[]
      >`
        select d.id, d.decision, d.by, d.via, d.subject_hash as "subjectHash", d.reason, d.outcome, d.at
        from decisions d join approvals a on a.id = d.approval_id
        where a.campaign_id = ${campaignId} order by d.at, d.id`;
    },
  };
}

const sum = (waves: readonly WaveRecord[], key: keyof DeliveryCounts): number =>
  waves.reduce((total, wave) => total + wave[key], 0);

export type CampaignsReadStore = ReturnType<typeof createCampaignsReadStore>;
