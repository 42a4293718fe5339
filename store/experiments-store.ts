import type { ArmCosts } from '../domain/campaigns/arms';
import { scenarioSchema, type Scenario } from '../domain/campaigns/scenario';
import { FIRST_STEP, MESSAGE_STEP } from '../domain/campaigns/steps';
import { MESSAGE_EVENTS } from '../domain/delivery/message-events';
import type { Evaluation } from '../domain/experiments/evaluation';
import type { EvaluationInputs } from '../domain/experiments/outcomes';
import type { WaveOutcome } from '../domain/experiments/wave-verdict';
import type { WaveAnswers } from '../domain/experiments/wave-watch';
import { GUARDRAIL_PAUSE } from '../domain/incidents/incident';
import { BoucleError } from '../domain/shared/errors';
import type { Sql } from './db';
import { countInputs } from './experiments/count-inputs';
import { outcomesBySegment } from './experiments/outcomes-by-segment';
import { pilotAndHistory } from './experiments/pilot-history';
import { revenueByArm } from './experiments/revenue';
import { testCounts, testOutcomes, type TestCounts } from './experiments/test-counts';
import { answersByWave, glance, openWaves, type Glance } from './experiments/wave-watch';

export interface StoredEvaluation {
  readonly look: number;
  readonly inputs: EvaluationInputs;
  readonly result: Evaluation;
  /** Of the code that judged; null: from before it was kept. */
  readonly revision: string | null;
}

/** As it was kept. */
export interface StoredLook extends StoredEvaluation {
  readonly at: Date;
}

/** Counts what experiments and guardrails are judged by, and keeps each judgement. */
export function createExperimentsStore(sql: Sql) {
  const stored = async (campaignId: string, look: number | null): Promise<StoredEvaluation | null> => {
    const [row] = await sql<StoredEvaluation[]>`
      select look, inputs, result, revision from evaluations
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

    /** What the test is judged by: outcomes, people dealt, what became of the messages. */
    testCounts: (
      test: Parameters<typeof testCounts>[1],
      shares: readonly number[] = [],
    ): Promise<TestCounts> => testCounts(sql, test, shares),

    /** The outcomes alone, of another metric. */
    outcomes: (test: Parameters<typeof testOutcomes>[1]) => testOutcomes(sql, test),
    /** The same, by whether each person was in a segment at that moment. */
    outcomesBySegment: (input: Parameters<typeof outcomesBySegment>[1]) => outcomesBySegment(sql, input),

    /** What a message of each arm cost on average in the test. */
    async armCosts(campaignId: string): Promise<ArmCosts> {
      const rows = await sql<{ arm: string; cost: number }[]>`
        select d.arm, avg(coalesce(d.cost_micros, 0))::float8 as cost
        from waves w join deliveries d using (campaign_id, step, wave)
        where w.campaign_id = ${campaignId} and w.part = 'test' and w.step = ${FIRST_STEP} and d.state = 'accepted'
        group by d.arm`;
      return Object.fromEntries(rows.map(({ arm, cost }) => [arm, cost]));
    },

    revenueByArm: (input: Parameters<typeof revenueByArm>[1]) => revenueByArm(sql, input),
    pilotAndHistory: (input: Parameters<typeof pilotAndHistory>[1]) => pilotAndHistory(sql, input),
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
     * Its own list of messages is in order of time; the ledger says what became of them. `arm`: of that one alone.
     */
    async recentOutcome(campaignId: string, days: number, arm: string | null = null): Promise<WaveOutcome> {
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
            where campaign_id = ${campaignId} and step = r.step and profile_id = r.profile_id
              and (${arm}::text is null or arm = ${arm}) limit 1) d
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

    /** Every look there was, the first one first. Throws `not-found` where there is no such campaign. */
    async looks(campaignId: string): Promise<StoredLook[]> {
      const rows = await sql<(StoredLook | { look: null })[]>`
        select e.look, e.inputs, e.result, e.revision, e.at
        from campaigns c left join evaluations e on e.campaign_id = c.id where c.id = ${campaignId} order by e.look`;
      if (rows.length === 0) throw new BoucleError('not-found', `There is no campaign ${campaignId}.`);
      return rows.filter((row) => row.look !== null);
    },

    countInputs: (campaignId: string, scenario: Scenario, look: number): Promise<EvaluationInputs> =>
      countInputs(sql, campaignId, scenario, look),

    /** Keeps the first judgement of a look, and the campaign's decision with it; answers what is kept. */
    async recordEvaluation(campaignId: string, evaluation: StoredEvaluation): Promise<StoredEvaluation> {
      await sql.begin(async (tx) => {
        const { count } = await tx`
          insert into evaluations (campaign_id, look, inputs, result, revision)
          values (${campaignId}, ${evaluation.look}, ${JSON.stringify(evaluation.inputs)}::text::jsonb, ${JSON.stringify(evaluation.result)}::text::jsonb, ${evaluation.revision})
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
