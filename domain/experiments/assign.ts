export interface DealtArm {
  readonly key: string;
  readonly weight: number;
}

/** Upper ends of the arms' shares of [0, 1), in the order given; the last is 1. */
export function armBounds(arms: readonly DealtArm[]): number[] {
  const total = arms.reduce((sum, arm) => sum + arm.weight, 0);
  let sum = 0;
  return arms.map((arm, i) => (i === arms.length - 1 ? 1 : (sum += arm.weight) / total));
}

/** The arm somebody falls into by a hash in [0, 1). */
export function armAt(hash: number, arms: readonly DealtArm[]): string {
  const bounds = armBounds(arms);
  const found = arms.find((_, i) => hash < (bounds[i] ?? 1));
  return (found ?? arms.at(-1))?.key ?? '';
}

export interface Unit {
  readonly id: string;
  readonly stratum?: string | undefined;
}

/**
 * Deals people to arms stratum by stratum, each in the order of their hashes, always to the arm that is furthest behind its
 * weight; what a stratum leaves over is carried to the next. Arms are then alike in every stratum to one person, whatever
 * order the people come in. Answers by id. Joiners are not dealt: they fall by their hash (`armAt`).
 */
export function dealStratified(
  units: readonly Unit[],
  arms: readonly DealtArm[],
  hash: (id: string) => number,
): ReadonlyMap<string, string> {
  const strata = new Map<string, { id: string; hash: number }[]>();
  for (const { id, stratum = '' } of units) {
    const known = strata.get(stratum);
    const unit = { id, hash: hash(id) };
    if (known === undefined) strata.set(stratum, [unit]);
    else known.push(unit);
  }
  const total = arms.reduce((sum, arm) => sum + arm.weight, 0);
  const behind = arms.map(() => 0);
  const dealt = new Map<string, string>();
  for (const [, people] of [...strata].sort(([a], [b]) => (a < b ? -1 : 1))) {
    people.sort((a, b) => a.hash - b.hash || (a.id < b.id ? -1 : 1));
    for (const { id } of people) {
      arms.forEach(({ weight }, i) => (behind[i] = (behind[i] ?? 0) + weight / total));
      const next = behind.reduce((best, owed, i) => (owed > (behind[best] ?? 0) + 1e-12 ? i : best), 0);
      behind[next] = (behind[next] ?? 0) - 1;
      dealt.set(id, arms[next]?.key ?? '');
    }
  }
  return dealt;
}
