import { scenarioSchema, type Scenario } from '../domain/campaigns/scenario';
import { FIRST_STEP, MESSAGE_STEP } from '../domain/campaigns/steps';
import { MESSAGE_EVENTS } from '../domain/delivery/message-events';
import type { Evaluation } from '../domain/experiments/evaluation';
import type { ArmSends, EvaluationInputs, OutcomeCell } from '../domain/experiments/outcomes';
import type { WaveOutcome } from '../domain/experiments/wave-verdict';
import type { WaveAnswers } from '../domain/experiments/wave-watch';
import { GUARDRAIL_PAUSE } from '../domain/incidents/incident';
import { BoucleError } from '../domain/shared/errors';
import type { Sql } from './db';
import { movedCtes } from './merging/identities-sql';
import { answersByWave, glance, openWaves, type Glance } from './wave-watch';

export interface StoredEvaluation {
  readonly look: number;
  readonly inputs: EvaluationInputs;
  readonly result: Evaluation;
}

/** Counts what experiments and guardrails are judged by, and keeps each judgement. */
export function createExperimentsStore(sql: Sql) {
  const stored = async (campaignId: string, look: number | null): Promise<StoredEvaluation | null> => {
    const [row] = await sql<StoredEvaluation[]>`
      select look, inputs, result from evaluations
      where campaign_id = ${campaignId} and (${look}::int is null or look = ${look}) order by look desc limit 1`;
    return row ?? null;
  };

  return {
    /** The terms the campaign was started with. Throws `not-found`. */
    async scenario(campaignId: string): Promise<Scenario> {
      const [row] = await sql<
        { scenario: unknown }[]
      >`select scenario from campaigns where id = ${campaignId}`;
      if (row === undefined) throw new BoucleError('not-found', `There is no campaign ${campaignId}.`);
      return scenarioSchema.parse(row.scenario);
    },

    /**
     * Outcomes of the test: everyone the gate allowed, in every arm, control included, whatever became of the message
     * afterwards; each person once, from when the gate judged them. An event counts within `windowSeconds` of that.
     */
    async outcomes(input: {
      readonly campaignId: string;
      readonly metric: string;
      readonly windowSeconds: number;
    }): Promise<OutcomeCell[]> {
      return sql<OutcomeCell[]>`
        with ${movedCtes(sql)}, allowed as (
          select d.profile_id, d.arm, d.persona, d.gated_at
          from waves w join deliveries d using (campaign_id, step, wave)
          where w.campaign_id = ${input.campaignId} and w.part = 'test' and w.step = ${FIRST_STEP}
            and d.state in ('claimed', 'sending', 'accepted', 'failed', 'uncertain')
          union all
          select g.profile_id, g.arm, g.persona, g.gated_at
          from waves w join control_gate g using (campaign_id, step, wave)
          where w.campaign_id = ${input.campaignId} and w.part = 'test' and w.step = ${FIRST_STEP} and g.allowed
        ),
        person as (
          select distinct on (a.profile_id) coalesce(m.stands, a.profile_id) as stands, a.arm, a.persona, a.gated_at
          from allowed a left join moved m on m.id = a.profile_id order by a.profile_id, a.gated_at
        )
        select p.arm, p.persona, count(*) as n,
          count(*) filter (where exists (
            select from events e
            where e.profile_id = p.stands and e.type = ${input.metric}
              and e.at >= p.gated_at and e.at < p.gated_at + make_interval(secs => ${input.windowSeconds}::float8)
          )) as events
        from person p group by p.arm, p.persona order by p.arm, p.persona`;
    },

    /** Everybody dealt to an arm of the test, whatever the gate said of them (intention-to-treat). */
    async assigned(campaignId: string): Promise<Record<string, number>> {
      const rows = await sql<{ arm: string; n: number }[]>`
        select arm, count(*) as n from audience_members
        where campaign_id = ${campaignId} and part = 'test' and arm is not null group by arm`;
      return Object.fromEntries(rows.map(({ arm, n }) => [arm, n]));
    },

    /** What became of the test's messages, arm by arm; a message counts once a kind of event. */
    async armSends(campaignId: string): Promise<ArmSends[]> {
      return sql<ArmSends[]>`
        with sent as (
          select d.id, d.arm from waves w join deliveries d using (campaign_id, step, wave)
          where w.campaign_id = ${campaignId} and w.part = 'test' and w.step = ${FIRST_STEP} and d.state = 'accepted'
        ),
        answered as (
          select s.arm, e.type, count(distinct e.delivery_id) as n
          from events e join sent s on s.id = e.delivery_id
          where e.campaign_id = ${campaignId} and e.type in (${MESSAGE_EVENTS.unsubscribed}, ${MESSAGE_EVENTS.complained})
          group by s.arm, e.type
        )
        select s.arm, count(*) as accepted,
          coalesce((select n from answered a where a.arm = s.arm and a.type = ${MESSAGE_EVENTS.unsubscribed}), 0) as unsubscribed,
          coalesce((select n from answered a where a.arm = s.arm and a.type = ${MESSAGE_EVENTS.complained}), 0) as complained
        from sent s group by s.arm order by s.arm`;
    },

    glance: (campaignId: string): Promise<Glance | null> => glance(sql, campaignId),
    answersByWave: (campaignId: string, since: Date | null): Promise<WaveAnswers[]> =>
      answersByWave(sql, campaignId, since),
    openWaves: (campaignId: string): ReturnType<typeof openWaves> => openWaves(sql, campaignId),

    /**
     * Of one wave, or of the whole campaign where none is named; where a moment is given, of what was settled after it. A
     * message counts once a kind of event.
     */
    async waveOutcome(
      campaignId: string,
      wave: { readonly step: string; readonly wave: string } | null,
      since: Date | null = null,
    ): Promise<WaveOutcome> {
      const ofWave = wave === null ? sql`true` : sql`d.step = ${wave.step} and d.wave = ${wave.wave}`;
      const within = since === null ? ofWave : sql`${ofWave} and d.settled_at > ${since}`;
      const [row] = await sql<WaveOutcome[]>`
        with sent as (
          select count(*) filter (where d.state = 'accepted') as accepted, count(*) filter (where d.state = 'failed') as failed,
            count(*) filter (where d.state = 'uncertain') as uncertain
          from deliveries d where d.campaign_id = ${campaignId} and ${within}
        ),
        -- Found by the delivery's id alone: naming the campaign too lets the planner walk its whole ledger per event.
        answered as (
          select count(distinct e.delivery_id) filter (where e.type = ${MESSAGE_EVENTS.unsubscribed}) as unsubscribed,
            count(distinct e.delivery_id) filter (where e.type = ${MESSAGE_EVENTS.complained}) as complained
          from events e join deliveries d on d.id = e.delivery_id
          where e.campaign_id = ${campaignId} and e.type in (${MESSAGE_EVENTS.unsubscribed}, ${MESSAGE_EVENTS.complained})
            and d.state = 'accepted' and ${within}
        )
        select * from sent, answered`;
      return row ?? { accepted: 0, failed: 0, uncertain: 0, unsubscribed: 0, complained: 0 };
    },

    /**
     * Of a continuous or triggered campaign: what was settled in the stretch of so many days that runs, and in the one
     * before it, all steps together. Stretches count from its beginning, or from when it was last held for a guardrail.
     * Its own list of messages is in order of time; the ledger says what became of them.
     */
    async recentOutcome(campaignId: string, days: number): Promise<WaveOutcome> {
      // Asked by itself: of a value the planner cannot see it would believe that a third of all is recent.
      const [since] = await sql<{ at: Date }[]>`
        select b.at + make_interval(secs => greatest(0, floor(extract(epoch from now() - b.at) / s.secs) - 1)::float8 * s.secs) as at
        from (
          select greatest(c.created_at, (
            select max(i.at) from incidents i
            where i.campaign_id = c.id and split_part(i.kind, '.', 1) = ${GUARDRAIL_PAUSE})) as at
          from campaigns c where c.id = ${campaignId}
        ) b cross join (select ${days}::float8 * 86400 as secs) s`;
      const at = since?.at ?? new Date(0);
      const [row] = await sql<WaveOutcome[]>`
        with recent as materialized (
          select step, profile_id from entry_messages where campaign_id = ${campaignId} and settled_at > ${at}
          union all
          select ${MESSAGE_STEP} || id, profile_id from messages where campaign_id = ${campaignId} and settled_at > ${at}
        ),
        -- One by one through the key, never by hashing the whole ledger.
        sent as materialized (
          select d.id, d.state from recent r cross join lateral (
            select id, state from deliveries
            where campaign_id = ${campaignId} and step = r.step and profile_id = r.profile_id limit 1) d
        ),
        -- Nothing answers a message before it was sent: what came earlier need not be looked at.
        answered as (
          select e.type, count(distinct e.delivery_id) as n
          from events e join sent s on s.id = e.delivery_id and s.state = 'accepted'
          where e.campaign_id = ${campaignId} and e.type in (${MESSAGE_EVENTS.unsubscribed}, ${MESSAGE_EVENTS.complained})
            and e.at > ${at}
          group by e.type
        )
        select count(*) filter (where state = 'accepted') as accepted, count(*) filter (where state = 'failed') as failed,
          count(*) filter (where state = 'uncertain') as uncertain,
          coalesce((select n from answered where type = ${MESSAGE_EVENTS.unsubscribed}), 0) as unsubscribed,
          coalesce((select n from answered where type = ${MESSAGE_EVENTS.complained}), 0) as complained
        from sent`;
      return row ?? { accepted: 0, failed: 0, uncertain: 0, unsubscribed: 0, complained: 0 };
    },

    /** Of one look; the latest one where none is given. */
    evaluation: (campaignId: string, look?: number): Promise<StoredEvaluation | null> =>
      stored(campaignId, look ?? null),

    /** Keeps the first judgement of a look, and the campaign's decision with it; answers what is kept. */
    async recordEvaluation(campaignId: string, evaluation: StoredEvaluation): Promise<StoredEvaluation> {
      await sql.begin(async (tx) => {
        const { count } = await tx`
          insert into evaluations (campaign_id, look, inputs, result)
          values (${campaignId}, ${evaluation.look}, ${JSON.stringify(evaluation.inputs)}::text::jsonb, ${JSON.stringify(evaluation.result)}::text::jsonb)
          on conflict (campaign_id, look) do nothing`;
        if (count === 1) {
          await tx`update campaigns set decision = ${JSON.stringify(evaluation.result.decision)}::text::jsonb where id = ${campaignId}`;
        }
      });
      return (await stored(campaignId, evaluation.look)) ?? evaluation;
    },
  };
}

export type ExperimentsStore = ReturnType<typeof createExperimentsStore>;
