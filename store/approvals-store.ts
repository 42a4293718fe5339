import { randomBytes } from 'node:crypto';
import type { Decision } from '../domain/approvals/decision';
import type { ApprovalCard, SlackRef } from '../domain/approvals/ports';
import type { ApprovalStanding } from '../domain/approvals/words';
import type { Way } from '../domain/campaigns/arm-ways';
import type { Scenario } from '../domain/campaigns/scenario';
import { wishWords, type Declared } from '../domain/experiments/beside-words';
import { plannedLines, type PlannedTest } from '../domain/experiments/plan-words';
import type { Measure } from '../domain/experiments/other-metrics';
import type { Sql } from './db';

export interface Approval {
  readonly id: string;
  readonly campaignId: string;
  readonly subjectHash: string;
  readonly deadlineAt: Date;
  readonly state: 'waiting' | 'approved' | 'rejected' | 'expired' | 'void';
  /** Where its message is in Slack; null: none was posted. */
  readonly slack: SlackRef | null;
}

/** What the card says of the campaign; the pictures come from elsewhere. */
export type CardFacts = Pick<ApprovalCard, 'title' | 'owner' | 'audience' | 'measured' | 'findings'>;

interface Row {
  readonly id: string;
  readonly campaign_id: string;
  readonly subject_hash: string;
  readonly deadline_at: Date;
  readonly state: Approval['state'];
  readonly slack_channel: string | null;
  readonly slack_ts: string | null;
}

const toApproval = (row: Row): Approval => ({
  id: row.id,
  campaignId: row.campaign_id,
  subjectHash: row.subject_hash,
  deadlineAt: row.deadline_at,
  state: row.state,
  slack:
    row.slack_channel !== null && row.slack_ts !== null
      ? { channel: row.slack_channel, ts: row.slack_ts }
      : null,
});

export function createApprovalsStore(sql: Sql) {
  const columns = sql`id, campaign_id, subject_hash, deadline_at, state, slack_channel, slack_ts`;

  return {
    /**
     * The approval that waits for this very subject, made if there is none: asking again answers the same, with its
     * first deadline. The campaign's row is locked first, so that two attempts at once make one. One that waits for
     * another subject, left by a run that was lost, is void: only what waits may be listed. null: no such campaign.
     */
    async request(asked: {
      campaignId: string;
      subjectHash: string;
      deadlineSeconds: number;
    }): Promise<Approval | null> {
      return sql.begin(async (tx) => {
        const campaigns = await tx`select 1 from campaigns where id = ${asked.campaignId} for no key update`;
        if (campaigns.length === 0) return null;
        await tx`
          update approvals set state = 'void'
          where campaign_id = ${asked.campaignId} and subject_hash <> ${asked.subjectHash} and state = 'waiting'`;
        const [waiting] = await tx<Row[]>`
          select ${columns} from approvals
          where campaign_id = ${asked.campaignId} and subject_hash = ${asked.subjectHash} and state = 'waiting'
          order by requested_at limit 1`;
        if (waiting !== undefined) return toApproval(waiting);
        const [made] = await tx<Row[]>`
          insert into approvals (id, campaign_id, subject_hash, deadline_at)
          values (${`a${randomBytes(8).toString('hex')}`}, ${asked.campaignId}, ${asked.subjectHash},
                  now() + make_interval(secs => ${asked.deadlineSeconds}))
          returning ${columns}`;
        return made === undefined ? null : toApproval(made);
      });
    },

    async get(approvalId: string): Promise<Approval | null> {
      const [row] = await sql<Row[]>`select ${columns} from approvals where id = ${approvalId}`;
      return row === undefined ? null : toApproval(row);
    },

    /** The first message stays the one that is updated later. */
    async setSlackRef(approvalId: string, ref: SlackRef): Promise<void> {
      await sql`
        update approvals set slack_channel = ${ref.channel}, slack_ts = ${ref.ts}
        where id = ${approvalId} and slack_ts is null`;
    },

    /** Once by decision id. */
    async recordDecision(approvalId: string, decision: Decision, outcome: string): Promise<void> {
      await sql`
        insert into decisions (id, approval_id, decision, by, via, subject_hash, reason, outcome)
        values (${decision.decisionId}, ${approvalId}, ${decision.decision}, ${decision.by}, ${decision.via},
                ${decision.subjectHash}, ${decision.reason ?? null}, ${outcome})
        on conflict (id) do nothing`;
    },

    /**
     * Ends the wait, once, and answers the approval as it stands then: a second call with another state changes
     * nothing. In the same transaction an approval becomes what the campaign may send.
     */
    async close(approvalId: string, state: Exclude<Approval['state'], 'waiting'>): Promise<Approval | null> {
      return sql.begin(async (tx) => {
        const [closed] = await tx<Row[]>`
          update approvals set state = ${state} where id = ${approvalId} and state = 'waiting' returning ${columns}`;
        if (closed === undefined) {
          const [row] = await tx<Row[]>`select ${columns} from approvals where id = ${approvalId}`;
          return row === undefined ? null : toApproval(row);
        }
        if (state === 'approved') {
          await tx`
            update campaigns set approved_hash = ${closed.subject_hash},
              approved_members = (select members from audiences where campaign_id = ${closed.campaign_id})
            where id = ${closed.campaign_id}`;
        }
        return toApproval(closed);
      });
    },

    /** How an approval stands and who decided last; null: no such approval. */
    async standing(approvalId: string): Promise<ApprovalStanding | null> {
      const [row] = await sql<ApprovalStanding[]>`
        select a.state, (
          select d.by from decisions d where d.approval_id = a.id and d.outcome = 'counted' order by d.at desc limit 1
        ) as by
        from approvals a where a.id = ${approvalId}`;
      return row ?? null;
    },

    /** Of the latest revision of each creative and the frozen audience. null: no such campaign. */
    async cardFacts(campaignId: string): Promise<CardFacts | null> {
      const [row] = await sql<
        {
          title: string;
          owner: string;
          members: number | null;
          arms: Record<string, number> | null;
          pilot: number | null;
          metric: Measure;
          declared: (Declared & PlannedTest) | null;
          guardrails: Scenario['guardrails'];
          versions: (Way & { label: string; baseline: boolean })[];
          challenge: Scenario['challenge'] | null;
          blocking: number;
          warnings: number;
          top: string[];
        }[]
      >`
        with latest as (
          select distinct on (step, persona, arm, channel, locale) id from creatives
          where campaign_id = ${campaignId} order by step, persona, arm, channel, locale, revision desc
        ), found as (
          select f.severity, f."check" || ': ' || f.message as words, count(*) as n
          from findings f join latest on latest.id = f.creative_id group by 1, 2
        )
        select c.scenario ->> 'name' as title, c.scenario ->> 'owner' as owner,
          a.members, a.arms, (a.parts ->> 'pilot')::bigint as pilot, c.scenario -> 'primaryMetric' as metric,
          c.scenario -> 'experiment' as declared, coalesce(c.scenario -> 'arms', '[]') as versions,
          coalesce(c.scenario -> 'guardrails', '[]') as guardrails, c.scenario -> 'challenge' as challenge,
          coalesce((select sum(n) from found where severity = 'blocking'), 0)::bigint as blocking,
          coalesce((select sum(n) from found where severity = 'warning'), 0)::bigint as warnings,
          array(select words || case when n > 1 then ' (' || n || ' creatives)' else '' end from found
                where severity <> 'info' order by severity, n desc, words limit 5) as top
        from campaigns c left join audiences a on a.campaign_id = c.id
        where c.id = ${campaignId}`;
      if (row === undefined) return null;
      return {
        title: row.title,
        owner: row.owner,
        audience: { members: row.members ?? 0, pilot: row.pilot ?? 0, arms: row.arms ?? {} },
        measured: [
          { what: 'Measured by', words: wishWords(row.metric) },
          ...plannedLines({ ...row, test: row.declared, arms: row.versions }),
        ],
        findings: { blocking: row.blocking, warnings: row.warnings, top: row.top },
      };
    },
  };
}

export type ApprovalsStore = ReturnType<typeof createApprovalsStore>;
