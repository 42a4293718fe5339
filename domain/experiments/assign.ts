import { compareText } from '../shared/text';

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
 * Deals people to arms stratum by stratum: within one, in the order of their hashes, a block of people to each arm
 * (`blocksOf`). Arms are then alike in every stratum to one person, whatever order the people come in, and who is gone
 * moves nobody but those at the edge of a block. Answers by id. Joiners are not dealt: they fall by their hash (`armAt`).
 * The same in SQL (store/strata-sql.ts).
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
  const dealt = new Map<string, string>();
  const inOrder = [...strata].sort(([a], [b]) => compareText(a, b)).map(([, people]) => people);
  const blocks = blocksOf(
    inOrder.map((people) => people.length),
    arms.map((arm) => arm.weight),
  );
  inOrder.forEach((people, s) => {
    people.sort((a, b) => a.hash - b.hash || compareText(a.id, b.id));
    let from = 0;
    arms.forEach(({ key }, i) => {
      const to = from + (blocks[s]?.[i] ?? 0);
      for (const { id } of people.slice(from, to)) dealt.set(id, key);
      from = to;
    });
  });
  return dealt;
}

/**
 * How many people of each stratum each arm gets: its whole share, and of those left over at most one, which go to the arms
 * that all strata so far leave furthest behind. So each arm is less than a person from its weight in every stratum, and
 * what small strata cannot share out evens out over them.
 */
function blocksOf(sizes: readonly number[], weights: readonly number[]): number[][] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let given = weights.map(() => 0);
  let people = 0;
  return sizes.map((size) => {
    people += size;
    const arms = weights.map((weight, i) => {
      const share = (size * weight) / total;
      const whole = Math.floor(share);
      return { i, whole, open: share > whole, behind: (people * weight) / total - (given[i] ?? 0) - whole };
    });
    const left = size - arms.reduce((sum, { whole }) => sum + whole, 0);
    const next = [...arms].sort(
      (a, b) => Number(b.open) - Number(a.open) || b.behind - a.behind || a.i - b.i,
    );
    const more = new Set(next.slice(0, left).map(({ i }) => i));
    const blocks = arms.map(({ i, whole }) => whole + (more.has(i) ? 1 : 0));
    given = given.map((n, i) => n + (blocks[i] ?? 0));
    return blocks;
  });
}
