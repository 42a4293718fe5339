/** What a campaign's claim on somebody is ranked by. */
export interface Contender {
  readonly campaignId: string;
  readonly mandatory: boolean;
  readonly priority: number;
  readonly expectedValueCents: number;
  /** null: not approved, so it waits for nobody. */
  readonly approvedAt: Date | null;
}

/**
 * Between departments that want the same person: the mandatory first, then priority, then expected value, then who has
 * been waiting longest, then the campaign's id, so that two never wait for each other. Negative: `a` goes first.
 */
export function compareContenders(a: Contender, b: Contender): number {
  return (
    Number(b.mandatory) - Number(a.mandatory) ||
    b.priority - a.priority ||
    b.expectedValueCents - a.expectedValueCents ||
    (a.approvedAt?.getTime() ?? Infinity) - (b.approvedAt?.getTime() ?? Infinity) ||
    (a.campaignId < b.campaignId ? -1 : 1)
  );
}

/** How long after the moment it was to write by a campaign keeps people from the others: the bound against starvation. */
export const CLAIM_DAYS = 14;

/**
 * Who gives way is looked at again when the one that goes first is to have written to them, within these bounds, and a
 * last time shortly before the deadline: an end, a pause or a refusal of the other frees the slot, and nobody is told
 * of it. A person costs a tenth of a millisecond each time.
 */
export const LOOK_AGAIN = { leastSeconds: 1_800, mostSeconds: 10_800, lastSeconds: 60 } as const;

/** Those that go before `own`, the best first. Who is not approved claims nobody. */
export const ahead = <T extends Contender>(own: Contender, rivals: readonly T[]): T[] =>
  rivals
    .filter(({ approvedAt }) => approvedAt !== null)
    .filter((rival) => rival.campaignId !== own.campaignId && compareContenders(rival, own) < 0)
    .sort(compareContenders);
