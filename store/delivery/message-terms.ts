import type { Scenario } from '../../domain/campaigns/scenario';
import type { UnitCost } from '../../domain/delivery/unit-cost';
import type { RateLimit } from '../../domain/delivery/rate-limit';
import { BoucleError } from '../../domain/shared/errors';
import type { Sql } from '../db';
import { createPoliciesStore } from '../policies-store';

/** What making and handing over a campaign's messages needs beside what the gate does. */
export interface MessageTerms {
  readonly campaignId: string;
  readonly locale: string;
  readonly inApp: NonNullable<Scenario['inApp']> | null;
  readonly unitCosts: readonly UnitCost[];
  readonly rates: readonly RateLimit[];
}

/** Read when a shard begins: a price or a rate that is changed meanwhile holds from the next shard on. */
export async function messageTerms(sql: Sql, campaignId: string): Promise<MessageTerms> {
  const policies = createPoliciesStore(sql);
  const [[row], unitCosts, rates] = await Promise.all([
    sql<{ scenario: Scenario }[]>`select scenario from campaigns where id = ${campaignId}`,
    policies.list('unit-cost'),
    policies.list('rate'),
  ]);
  if (row === undefined) throw new BoucleError('not-found', `There is no campaign ${campaignId}.`);
  const { scenario } = row;
  return {
    campaignId,
    locale: scenario.locale,
    inApp: scenario.inApp ?? null,
    unitCosts: Object.values(unitCosts),
    rates: Object.values(rates),
  };
}
