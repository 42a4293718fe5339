import type { ChannelPolicy } from '../delivery/channel-policy';
import { CLAIM_DAYS } from '../frequency/arbitration';
import type { Part } from '../shared/words';
import type { AudienceCounts } from './audience';
import { calendarOf, PLANNING } from './calendar';
import { expectedSends, SENDING, type OpenCampaign } from './expected-sends';
import { FIRST_STEP } from './steps';

/** A campaign means to write to the people of one part for the first time, spread evenly over [from, until]. */
export interface Claim {
  readonly part: Part;
  readonly from: Date;
  readonly until: Date;
}

/**
 * The slots an approved campaign holds of people it has not written to yet. A part whose sending is later than planned
 * at the approval by more than `CLAIM_DAYS` holds nobody any longer. People who enter a continuous campaign are wanted
 * from the moment they are in.
 */
export function claimsOf(
  campaign: OpenCampaign & { readonly approvedAt: Date },
  policies: readonly ChannelPolicy[],
  now: Date,
): Claim[] {
  if (campaign.scenario.kind === 'continuous') return [{ part: 'rollout', from: now, until: now }];
  const lapses = lapsesAt(campaign.scenario, campaign.counts, campaign.approvedAt);
  return expectedSends(campaign, policies, now)
    .filter(({ step, part }) => step === FIRST_STEP && lapses(part) > now.getTime())
    .map(({ part, from, until }) => ({ part, from, until }));
}

/** Milliseconds since 1970: the end of a part's sending as the plan has it from the approval on, and the days of grace. */
function lapsesAt(scenario: OpenCampaign['scenario'], counts: AudienceCounts, approvedAt: Date) {
  const plan = calendarOf(scenario, counts, { startAt: approvedAt, ...PLANNING, approvalSeconds: 0 });
  const endOf = (stage: string): number =>
    Date.parse(plan.find((entry) => entry.stage === stage)?.endsAt ?? approvedAt.toISOString());
  return (part: Part): number =>
    approvedAt.getTime() + (endOf(SENDING[part]) - endOf('approve')) + CLAIM_DAYS * 86_400_000;
}
