import { challengeWords } from '../../domain/campaigns/challenge';
import { armFacts } from '../../domain/improvement/arm-facts';
import { scenarioSchema } from '../../domain/campaigns/scenario';
import { judgeWave } from '../../domain/experiments/wave-verdict';
import type { CampaignFacts, GuardrailPause, RecurringFinding } from '../../domain/improvement/facts';
import { leadingEffects } from '../../domain/improvement/leading-effects';
import { GUARDRAIL_PAUSE } from '../../domain/incidents/incident';
import type { Sql } from '../db';
import { originalTest } from '../experiments/original-test';
import { createExperimentsStore } from '../experiments-store';
import { readCampaignReport } from './campaign-report';

/** After a campaign is held, what is on the wire ends. */
const QUIET_AFTER_SECONDS = 2;

/** Gathers what the improvement loop learns from; null for a campaign that is not there. Reads only. */
export async function readCampaignFacts(sql: Sql, campaignId: string): Promise<CampaignFacts | null> {
  const experiments = createExperimentsStore(sql);
  const report = await readCampaignReport(sql, campaignId);
  const [head] = await sql<{ scenario: unknown; matrix_version: number | null }[]>`
    select scenario, matrix_version from campaigns where id = ${campaignId}`;
  if (report === null || head === undefined) return null;
  const scenario = scenarioSchema.parse(head.scenario);
  const personas = [
    ...scenario.audience.personas,
    ...(scenario.audience.fallbackPersona ? [scenario.audience.fallbackPersona] : []),
  ];
  const replicates = scenario.experiment?.replicates;
  const [looks, original, outcome, pauses, recurringFindings, otherPersonas, otherMarkets] =
    await Promise.all([
      experiments.looks(campaignId),
      replicates === undefined ? null : originalTest(sql, replicates),
      experiments.waveOutcome(campaignId, null),
      guardrailPauses(sql, campaignId),
      recurringFindingsOf(sql, campaignId, scenario.brand),
      sql<{ segment_id: string }[]>`
      select segment_id from persona_matrix_rows
      where version = ${head.matrix_version} and not (segment_id = any (${personas})) order by ordinal`,
      sql<{ market: string; people: number }[]>`
      select market, count(*) as people from profiles where merged_into is null and market <> ${scenario.market} group by market order by 2 desc, 1`,
    ]);
  const evaluation = looks.at(-1);
  return {
    report,
    segment: scenario.audience.segment,
    personas,
    arms: scenario.arms.map((arm) => armFacts(scenario, arm)),
    pilotArea: scenario.pilot?.area ?? null,
    experiment: scenario.experiment ?? null,
    challenge: challengeWords(scenario),
    original,
    evaluation: evaluation?.result ?? null,
    looks: looks.length,
    personaEffects: evaluation ? leadingEffects(evaluation.inputs, evaluation.result) : null,
    guardrails: report.deliveries.waves.length > 0 ? judgeWave(outcome, scenario.guardrails).guardrails : [],
    pauses,
    recurringFindings,
    otherPersonas: otherPersonas.map((row) => row.segment_id),
    otherMarkets: [...otherMarkets],
  };
}

/** When a guardrail held the campaign, and how many messages had gone by when nothing more was handed over. */
async function guardrailPauses(sql: Sql, campaignId: string): Promise<GuardrailPause[]> {
  return sql<GuardrailPause[]>`
    select i.at, i.message, (
      select count(*) from deliveries d
      where d.campaign_id = ${campaignId} and d.state in ('accepted', 'failed', 'uncertain')
        and d.settled_at <= i.at + make_interval(secs => ${QUIET_AFTER_SECONDS})) as gone
    from incidents i where i.campaign_id = ${campaignId} and split_part(i.kind, '.', 1) = ${GUARDRAIL_PAUSE} order by i.at`;
}

/** Of every revision, the rejected ones too: what had to be repaired counts. */
async function recurringFindingsOf(sql: Sql, campaignId: string, brand: string): Promise<RecurringFinding[]> {
  return sql<RecurringFinding[]>`
    select f."check", f.severity, count(distinct c.campaign_id)::int as campaigns,
      count(distinct c.id) filter (where c.campaign_id = ${campaignId})::int as creatives
    from findings f join creatives c on c.id = f.creative_id join campaigns p on p.id = c.campaign_id
    where p.scenario ->> 'brand' = ${brand} and f.severity <> 'info'
    group by 1, 2 order by 3 desc, 4 desc, 1, 2`;
}
