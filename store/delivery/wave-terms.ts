import {
  armChannels,
  armMoments,
  channelsOfStep,
  type ArmChannels,
  type ArmMoment,
} from '../../domain/campaigns/arm-ways';
import type { Scenario } from '../../domain/campaigns/scenario';
import { natureRule, type NatureRule } from '../../domain/delivery/nature-rules';
import { BoucleError } from '../../domain/shared/errors';
import { stepOf, type Step } from '../../domain/campaigns/steps';
import { letterKindFor, type ChannelPolicy } from '../../domain/delivery/channel-policy';
import { resolveRule } from '../../domain/segments/resolve';
import type { ResolvedRule } from '../../domain/segments/rule';
import type { Channel, Format, LetterKind, Nature, Part } from '../../domain/shared/words';
import { readMadeOfStored, resolvedRules } from '../audience-definition';
import type { Sql, Tx } from '../db';
import { createPoliciesStore } from '../policies-store';
import { ruleOf, surroundingsOf } from '../segments/live-rules';

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
  /** First choice first: somebody gets the message by the first of them that the gate allows. Of all arms together. */
  readonly channels: readonly Channel[];
  /** Of a test of channels, those of each arm; null: they are alike. */
  readonly armChannels: readonly ArmChannels[] | null;
  /** Of a test of moments: hours and days of the arms that have their own. */
  readonly armMoments: readonly ArmMoment[];
  /** Only who may be reached in every arm is in the test, or the arms would differ in who they reach. */
  readonly inEveryArm: boolean;
  readonly format: Format;
  readonly topic: string | null;
  readonly market: string;
  /** As the scenario or the channel policy asks; null: neither does. */
  readonly letterKind: LetterKind | null;
  /** What a later step asks of the one before; null: the first message. */
  readonly follows: Step['follows'];
  /** The event that `not-converted` waits for. */
  readonly conversionEvent: string;
  /** The segment as it was frozen: who has left it gets nothing. null: nobody is asked. */
  readonly segment: ResolvedRule | null;
  /** People enter while it runs. */
  readonly continuous: boolean;
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

/** The terms of one step whoever's row it is: a service message's has a key and a deadline of its own. */
export type StepTerms = Omit<GateTerms, 'step' | 'deadlineAt'>;

/** Everything about a wave that does not change while it is sent. */
export interface WaveTerms extends WaveKey, Omit<GateTerms, 'deadlineAt'> {
  readonly part: Part;
  /** The arm everybody of the wave gets; null: each their own. */
  readonly arm: string | null;
  /** Of people whom neither the wave nor the freeze gave one. */
  readonly defaultArm: string;
  readonly buckets: { readonly from: number; readonly to: number };
  readonly controlArms: readonly string[];
  readonly planned: number;
}

/** The terms of one step of a scenario, as far as the scenario and the channel policies say them. */
export function gateTermsOf(
  scenario: Scenario,
  stepKey: string,
  policies: readonly ChannelPolicy[],
): Omit<StepTerms, 'campaignId'> {
  const step = stepOf(scenario, stepKey);
  return {
    nature: step.nature,
    rule: natureRule(step.nature),
    channels: channelsOfStep(scenario, step, policies),
    armChannels: armChannels(scenario, step, policies),
    armMoments: armMoments(scenario),
    inEveryArm: false,
    format: scenario.format,
    topic: scenario.topic ?? null,
    market: scenario.market,
    letterKind: letterKindFor(scenario, step, policies),
    follows: step.follows,
    conversionEvent: scenario.primaryMetric.event,
    segment: null,
    continuous: scenario.kind === 'continuous',
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

export async function channelPolicies(sql: Sql | Tx): Promise<ChannelPolicy[]> {
  return Object.values(await createPoliciesStore(sql).list('channel'));
}

export const controlArmsOf = ({ arms }: Pick<Scenario, 'arms'>): string[] =>
  arms.filter((arm) => arm.control).map((arm) => arm.key);

/** What somebody gets whom no test has dealt an arm: today's version, else the first that is sent. */
export const defaultArmOf = ({ arms }: Pick<Scenario, 'arms'>): string => {
  const sent = arms.filter((arm) => !arm.control);
  return (sent.find((arm) => arm.baseline) ?? sent[0] ?? arms[0])?.key ?? '';
};

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
      made_of: unknown;
      rule: unknown;
    }[]
  >`
    select c.scenario, w.part, w.arm, w.bucket_from, w.bucket_to, w.planned, a.definition as made_of, s.rule
    from waves w join campaigns c on c.id = w.campaign_id
    left join audiences a on a.campaign_id = c.id
    left join segments s on s.key = c.scenario -> 'audience' ->> 'segment' and s.version = c.segment_version
    where w.campaign_id = ${key.campaignId} and w.step = ${key.step} and w.wave = ${key.wave}`;
  if (row === undefined)
    throw new BoucleError('not-found', `Wave ${key.wave} of ${key.campaignId} is not planned.`);
  return {
    campaignId: key.campaignId,
    step: key.step,
    wave: key.wave,
    ...gateTermsOf(row.scenario, key.step, await channelPolicies(sql)),
    segment: await segmentRule(sql, row),
    inEveryArm: row.part === 'test',
    part: row.part,
    arm: row.arm,
    defaultArm: defaultArmOf(row.scenario),
    buckets: { from: row.bucket_from, to: row.bucket_to },
    controlArms: controlArmsOf(row.scenario),
    planned: row.planned,
  };
}

/** As the audience was frozen by it; before that was kept, the campaign's version of the segment. */
async function segmentRule(
  sql: Sql,
  { made_of, rule: given }: { readonly made_of: unknown; readonly rule: unknown },
): Promise<ResolvedRule | null> {
  const madeOf = readMadeOfStored(made_of);
  if (madeOf !== null) return resolvedRules(madeOf).rule;
  if (given === null) return null;
  const rule = ruleOf(given);
  return resolveRule(rule, await surroundingsOf(sql, [rule]));
}
