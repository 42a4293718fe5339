import type { DeliveryCounts } from '../domain/campaigns/audience';
import type { Way } from '../domain/campaigns/arm-ways';
import type { Scenario } from '../domain/campaigns/scenario';
import { FIRST_STEP } from '../domain/campaigns/steps';
import type { TransparentWords } from '../domain/creatives/creative';
import type { Declared } from '../domain/experiments/beside-words';
import type { PlannedTest } from '../domain/experiments/plan-words';
import type { Evaluation } from '../domain/experiments/evaluation';
import type { ReportBacklogItem } from '../domain/improvement/report-data';
import type { Channel } from '../domain/shared/words';
import type { Sql } from './db';

/** What of the scenario a person reads on the page. */
export interface PageScenario {
  readonly key: string;
  readonly arms: readonly (Way & {
    readonly key: string;
    readonly label: string;
    readonly control?: boolean;
    readonly baseline?: boolean;
  })[];
  readonly primaryMetric: {
    readonly event: string;
    readonly direction: 'increase' | 'decrease';
    readonly windowSeconds: number;
  };
  readonly northStar: string;
  readonly approvalsRequired: number;
  /** Of the test's intervals: 0.95 at alpha 0.05. */
  readonly confidence: number;
  /** Its test as it was planned; null: there is none. */
  readonly test: (Declared & PlannedTest) | null;
  readonly guardrails: Scenario['guardrails'];
  readonly challenge: Scenario['challenge'] | null;
}

export interface PageCreative {
  readonly id: number;
  readonly step: string;
  readonly channel: Channel;
  readonly persona: string;
  readonly arm: string;
  readonly locale: string;
  readonly revision: number;
  /** Empty for an SMS. */
  readonly subject: string;
  readonly preheader: string;
  /** What a message without HTML says; empty for an e-mail. */
  readonly words: string;
  readonly status: 'rendered' | 'passed' | 'reject';
  readonly comment: string | null;
  /** null: a channel without pictures. */
  readonly hero: string | null;
  readonly heroType: string;
  readonly heroIsFallback: boolean;
  readonly findings: readonly {
    readonly check: string;
    readonly severity: 'blocking' | 'warning' | 'info';
    readonly message: string;
  }[];
}

export type PageCreativeContent = PageCreative & {
  readonly html: string;
  readonly text: string;
  readonly links: readonly { readonly index: number; readonly url: string; readonly label: string }[];
  readonly ctaLabel: string;
  /** Of an in-app message. */
  readonly transparent: TransparentWords | null;
};

export interface PageApproval {
  readonly id: string;
  readonly state: 'waiting' | 'approved' | 'rejected' | 'expired' | 'void';
  readonly requestedAt: Date;
  readonly deadlineAt: Date;
  readonly inSlack: boolean;
  readonly decisions: readonly {
    readonly decision: 'approve' | 'reject';
    readonly by: string;
    readonly via: 'rest' | 'slack';
    readonly outcome: string;
    readonly reason: string | null;
    /** ISO 8601 */
    readonly at: string;
  }[];
}

export interface PageIncident {
  readonly id: string;
  readonly kind: string;
  readonly message: string;
  readonly at: Date;
}

export type CampaignCounts = DeliveryCounts & { readonly campaignId: string };

/** What the pages show beyond CampaignsReadStore. Reads only; every count comes from the ledger. */
export function createCampaignPageStore(sql: Sql) {
  const latest = (campaignId: string) => sql`
    select distinct on (step, persona, arm, channel, locale) * from creatives
    where campaign_id = ${campaignId} order by step, persona, arm, channel, locale, revision desc`;

  const creativeColumns = sql`
    c.id, c.step, c.channel, c.persona, c.arm, c.locale, c.revision, c.subject, c.preheader, c.status, c.comment, c.hero,
    case when c.channel = 'email' then '' else c.text end as words,
    coalesce(b.content_type, 'image/png') as "heroType", c.hero_is_fallback as "heroIsFallback",
    coalesce((
      select jsonb_agg(jsonb_build_object('check', f."check", 'severity', f.severity, 'message', f.message)
                       order by f.severity, f."check", f.message)
      from findings f where f.creative_id = c.id), '[]') as findings`;

  return {
    async scenario(campaignId: string): Promise<PageScenario | null> {
      const [row] = await sql<PageScenario[]>`
        select scenario_key as key, coalesce(scenario -> 'arms', '[]') as arms, scenario -> 'primaryMetric' as "primaryMetric",
          scenario ->> 'northStar' as "northStar", coalesce((scenario #>> '{approval,required}')::int, 1) as "approvalsRequired",
          1 - coalesce((scenario #>> '{experiment,alpha}')::float8, 0.05) as confidence, scenario -> 'experiment' as test,
          coalesce(scenario -> 'guardrails', '[]') as guardrails, scenario -> 'challenge' as challenge
        from campaigns where id = ${campaignId}`;
      return row ?? null;
    },

    /** Why messages were not accepted, the most frequent first. */
    async reasons(campaignId: string): Promise<{ state: string; reason: string; n: number }[]> {
      return sql<{ state: string; reason: string; n: number }[]>`
        select state, coalesce(reason, code, 'unknown') as reason, count(*) as n from deliveries
        where campaign_id = ${campaignId} and state in ('skipped', 'failed', 'uncertain')
        group by 1, 2 order by n desc, 2 limit 20`;
    },

    /** The latest revision of each. */
    async creatives(campaignId: string): Promise<PageCreative[]> {
      return sql<PageCreative[]>`
        select ${creativeColumns} from (${latest(campaignId)}) c left join blobs b on b.sha256 = c.hero
        order by c.persona, c.step <> ${FIRST_STEP}, c.step, c.arm, c.id`;
    },

    async creative(campaignId: string, creativeId: number): Promise<PageCreativeContent | null> {
      const [row] = await sql<PageCreativeContent[]>`
        select ${creativeColumns}, c.html, c.text, c.links, coalesce(c.meta ->> 'ctaLabel', '') as "ctaLabel",
          c.meta -> 'transparent' as transparent
        from creatives c left join blobs b on b.sha256 = c.hero
        where c.campaign_id = ${campaignId} and c.id = ${creativeId}`;
      return row ?? null;
    },

    async approvals(campaignId: string): Promise<PageApproval[]> {
      return sql<PageApproval[]>`
        select a.id, a.state, a.requested_at as "requestedAt", a.deadline_at as "deadlineAt", a.slack_ts is not null as "inSlack",
          coalesce((
            select jsonb_agg(jsonb_build_object('decision', d.decision, 'by', d.by, 'via', d.via, 'outcome', d.outcome,
                                                'reason', d.reason, 'at', d.at) order by d.at, d.id)
            from decisions d where d.approval_id = a.id), '[]') as decisions
        from approvals a where a.campaign_id = ${campaignId} order by a.requested_at`;
    },

    async incidents(campaignId: string): Promise<PageIncident[]> {
      return sql<
        PageIncident[]
      >`select id, kind, message, at from incidents where campaign_id = ${campaignId} order by at`;
    },

    /** The last look at the test; null before there was one. */
    /** Every look at its test, the first one first. */
    async looks(campaignId: string): Promise<{ look: number; result: Evaluation }[]> {
      return sql<{ look: number; result: Evaluation }[]>`
        select look, result from evaluations where campaign_id = ${campaignId} order by look`;
    },

    /** What was learnt; null before the report is written. */
    async report(campaignId: string): Promise<{ markdown: string; createdAt: Date } | null> {
      const [row] = await sql<{ markdown: string; createdAt: Date }[]>`
        select markdown, created_at as "createdAt" from reports where campaign_id = ${campaignId}`;
      return row ?? null;
    },

    async backlog(campaignId: string): Promise<ReportBacklogItem[]> {
      return sql<ReportBacklogItem[]>`
        select id, title, why, revenue_potential as "revenuePotential", difficulty,
          statistical_feasibility as "statisticalFeasibility", priority::float8 as priority
        from backlog_items where campaign_id = ${campaignId} order by priority desc, id`;
    },

    /** Of several campaigns in one pass over the ledger; those that planned nothing yet are left out. */
    async counts(campaignIds: readonly string[]): Promise<CampaignCounts[]> {
      if (campaignIds.length === 0) return [];
      return sql<CampaignCounts[]>`
        with planned as (
          select campaign_id, sum(planned)::bigint as planned from waves where campaign_id = any (${[...campaignIds]}) group by 1
        ), settled as (
          select campaign_id,
            count(*) filter (where state = 'accepted') as accepted, count(*) filter (where state = 'failed') as failed,
            count(*) filter (where state = 'skipped') as skipped, count(*) filter (where state = 'uncertain') as uncertain
          from deliveries where campaign_id = any (${[...campaignIds]}) group by 1
        )
        select campaign_id as "campaignId", planned, coalesce(accepted, 0) as accepted, coalesce(failed, 0) as failed,
          coalesce(skipped, 0) as skipped, coalesce(uncertain, 0) as uncertain,
          greatest(0, planned - coalesce(accepted + failed + skipped + uncertain, 0)) as open
        from planned left join settled using (campaign_id)`;
    },

    async totals(): Promise<{ open: number; ended: number }> {
      const [row] = await sql<{ open: number; ended: number }[]>`
        select count(*) filter (where "end" is null) as open, count(*) filter (where "end" is not null) as ended from campaigns`;
      return row ?? { open: 0, ended: 0 };
    },

    /** Who a key speaks for while it is not revoked; any role may read. */
    async viewer(keyId: string): Promise<string | null> {
      const [row] = await sql<{ principal: string }[]>`
        select principal from api_keys where id = ${keyId} and revoked_at is null and cardinality(roles) > 0`;
      return row?.principal ?? null;
    },
  };
}

export type CampaignPageStore = ReturnType<typeof createCampaignPageStore>;
