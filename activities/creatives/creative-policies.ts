import type { ChannelPolicy } from '../../domain/delivery/channel-policy';
import type { UnitCost } from '../../domain/delivery/unit-cost';
import type { PoliciesStore } from '../../store/policies-store';

/** The policies a creative is made under: which channels a step takes, and what a message of each costs. */
export interface CreativePolicies {
  readonly channels: readonly ChannelPolicy[];
  readonly costs: readonly UnitCost[];
}

export async function creativePolicies(policies: Pick<PoliciesStore, 'list'>): Promise<CreativePolicies> {
  const [channels, costs] = await Promise.all([policies.list('channel'), policies.list('unit-cost')]);
  return { channels: Object.values(channels), costs: Object.values(costs) };
}
