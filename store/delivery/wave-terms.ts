import type { Scenario } from '../../domain/campaigns/scenario';
import { natureRule, type NatureRule } from '../../domain/delivery/nature-rules';
import { BoucleError } from '../../domain/shared/errors';
import type { Channel, Nature, Part } from '../../domain/shared/words';
import type { Sql } from '../db';

export interface WaveKey {
  readonly campaignId: string;
  readonly step: string;
  readonly wave: string;
}

/** What the gate needs to know of a campaign, whoever is judged. */
export interface GateTerms {
  readonly campaignId: string;
  readonly step: string;
  readonly nature: Nature;
  readonly rule: NatureRule;
  readonly channel: Channel;
  readonly department: string;
  readonly brand: string;
  readonly deadlineAt: Date;
}

/** Everything about a wave that does not change while it is sent. */
export interface WaveTerms extends WaveKey, Omit<GateTerms, 'deadlineAt'> {
  readonly part: Part;
  /** The arm everybody of the wave gets; null: each their own. */
  readonly arm: string | null;
  readonly buckets: { readonly from: number; readonly to: number };
  readonly controlArms: readonly string[];
  readonly planned: number;
}

export const gateTermsOf = (
  scenario: Scenario,
): Pick<GateTerms, 'nature' | 'rule' | 'channel' | 'department' | 'brand'> => ({
  nature: scenario.nature,
  rule: natureRule(scenario.nature),
  channel: 'email',
  department: scenario.department,
  brand: scenario.brand,
});

export const controlArmsOf = (scenario: Scenario): string[] =>
  scenario.arms.filter((arm) => arm.control).map((arm) => arm.key);

/** Reads a planned wave. Throws `not-found` for one that was never planned. */
export async function waveTerms(sql: Sql, key: WaveKey): Promise<WaveTerms> {
  const [row] = await sql<
    {
      scenario: Scenario;
      part: Part;
      arm: string | null;
      bucket_from: number;
      bucket_to: number;
      planned: number;
    }[]
  >`
    select c.scenario, w.part, w.arm, w.bucket_from, w.bucket_to, w.planned
    from waves w join campaigns c on c.id = w.campaign_id
    where w.campaign_id = ${key.campaignId} and w.step = ${key.step} and w.wave = ${key.wave}`;
  if (row === undefined)
    throw new BoucleError('not-found', `Wave ${key.wave} of ${key.campaignId} is not planned.`);
  return {
    campaignId: key.campaignId,
    step: key.step,
    wave: key.wave,
    ...gateTermsOf(row.scenario),
    part: row.part,
    arm: row.arm,
    buckets: { from: row.bucket_from, to: row.bucket_to },
    controlArms: controlArmsOf(row.scenario),
    planned: row.planned,
  };
}
