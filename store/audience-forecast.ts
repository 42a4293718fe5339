import { BUCKETS } from '../domain/campaigns/audience';
import { FIRST_STEP } from '../domain/campaigns/steps';
import type { AudienceForecastNote } from '../domain/campaigns/waterfall';
import { readScenario } from './audience-definition';
import type { Sql, Tx } from './db';
import { forecastGate } from './delivery/forecast';
import { channelPolicies, controlArmsOf, gateTermsOf } from './delivery/wave-terms';

/** Enough to tell a share to a percent; the gate judges so many in a fraction of a second. */
const LOOKED_AT = 5_000;

/**
 * Asks the gate, at the moment of the freeze, what it would say of the first message to a part of the members, and keeps
 * the answer with the audience. Reserves nothing. Once: what is there stays.
 */
export async function noteForecast(sql: Sql, campaignId: string): Promise<void> {
  const [row] = await sql<{ scenario: unknown; members: number; now: Date }[]>`
    select c.scenario, a.members, clock_timestamp() as now
    from audiences a join campaigns c on c.id = a.campaign_id
    where a.campaign_id = ${campaignId} and a.forecast is null and a.members > 0`;
  if (row === undefined) return;
  const scenario = readScenario(row.scenario);
  const buckets = Math.min(BUCKETS, Math.ceil((BUCKETS * LOOKED_AT) / row.members));
  const people = await sql<{ id: number }[]>`
    select profile_id as id from audience_members
    where campaign_id = ${campaignId} and bucket < ${buckets}
      and not coalesce(arm = any(${controlArmsOf(scenario)}::text[]), false)
    order by profile_id limit ${LOOKED_AT}`;
  const terms = {
    campaignId,
    step: FIRST_STEP,
    ...gateTermsOf(scenario, FIRST_STEP, await channelPolicies(sql)),
    deadlineAt: new Date(row.now.getTime() + scenario.waveDeadlineSeconds * 1_000),
  };
  const { allowed, skipped } = await forecastGate(
    sql,
    terms,
    people.map(({ id }) => id),
  );
  const note: AudienceForecastNote = {
    at: row.now.toISOString(),
    looked: people.length,
    allowed: allowed.length,
    held: skipped,
  };
  await sql`
    update audiences set forecast = ${JSON.stringify(note)}::text::jsonb
    where campaign_id = ${campaignId} and forecast is null`;
}

/** As it was noted; null before the freeze, and where nobody is to be written to. */
export async function readForecast(sql: Sql | Tx, campaignId: string): Promise<AudienceForecastNote | null> {
  const [row] = await sql<{ forecast: AudienceForecastNote | null }[]>`
    select forecast from audiences where campaign_id = ${campaignId}`;
  return row?.forecast ?? null;
}
