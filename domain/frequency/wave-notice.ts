/** People of a wave whom one campaign that goes first kept from it. */
export interface Yielded {
  readonly campaignId: string;
  readonly name: string;
  readonly department: string;
  /** They are still to get it. */
  readonly deferred: number;
  /** They do not get it. */
  readonly lost: number;
}

export interface WaveOf {
  readonly campaignId: string;
  readonly name: string;
  readonly department: string;
  readonly wave: string;
}

/** One line for the department that gave way. */
export function yieldedWords({ name, department, wave }: WaveOf, to: readonly Yielded[]): string {
  const each = to.map(
    (rival) =>
      `${rival.deferred} put off and ${rival.lost} not written to for “${rival.name}” (${rival.department})`,
  );
  return `${department}: wave ${wave} of “${name}” gave way to campaigns that go first: ${each.join('; ')}.`;
}

export const budgetWords = ({ wave }: WaveOf, stopped: number): string =>
  stopped === 0
    ? `Wave ${wave} has reached its budget on one channel: the others get it by a cheaper one.`
    : `Wave ${wave} stopped at its budget: ${stopped} people so far are not written to.`;
