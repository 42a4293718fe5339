import type { Scenario } from '../../domain/campaigns/scenario';
import { natureRule, type NatureRule } from '../../domain/delivery/nature-rules';
import { BoucleError } from '../../domain/shared/errors';
import { stepOf, type Step } from '../../domain/campaigns/steps';
import { channelsFor, type ChannelPolicy } from '../../domain/delivery/channel-policy';
import type { Channel, Format, Nature, Part } from '../../domain/shared/words';
import type { Sql } from '../db';
import { createPoliciesStore } from '../policies-store';

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
  /** First choice first: somebody gets the message by the first of them that the gate allows. */
  readonly channels: readonly Channel[];
  readonly format: Format;
  readonly topic: string | null;
  readonly market: string;
  /** What a later step asks of the one before; null: the first message. */
  readonly follows: Step['follows'];
  /** Rank among departments that want the same person. */
  readonly rank: {
    readonly mandatory: boolean;
    readonly priority: number;
    readonly expectedValueCents: number;
  };
  readonly sendHour: number | null;
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

/** The terms of one step of a scenario, as far as the scenario and the channel policies say them. */
export function gateTermsOf(
  scenario: Scenario,
  stepKey: string,
  policies: readonly ChannelPolicy[],
): Omit<GateTerms, 'campaignId' | 'step' | 'deadlineAt'> {
  const step = stepOf(scenario, stepKey);
  return {
    nature: step.nature,
    rule: natureRule(step.nature),
    channels: channelsFor(step, policies),
    format: scenario.format,
    topic: scenario.topic ?? null,
    market: scenario.market,
    follows: step.follows,
    rank: {
      mandatory: scenario.mandatory,
      priority: scenario.priority,
      expectedValueCents: scenario.expectedValueCents,
    },
    sendHour: scenario.sendHour ?? null,
    department: scenario.department,
    brand: scenario.brand,
  };
}

export async function channelPolicies(sql: Sql): Promise<ChannelPolicy[]> {
  return Object.values(await createPoliciesStore(sql).list('channel'));
}

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
    ...gateTermsOf(row.scenario, key.step, await channelPolicies(sql)),
    part: row.part,
    arm: row.arm,
    buckets: { from: row.bucket_from, to: row.bucket_to },
    controlArms: controlArmsOf(row.scenario),
    planned: row.planned,
  };
}
