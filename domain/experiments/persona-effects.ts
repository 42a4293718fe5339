import { heterogeneityP } from './heterogeneity';
import type { OutcomeCell } from './outcomes';
import { newcombeInterval, rateOf, type Count } from './two-proportions';

export interface PersonaEffect {
  readonly persona: string;
  readonly arm: string;
  readonly n: number;
  readonly rate: number;
  readonly referenceN: number;
  readonly referenceRate: number;
  readonly difference: number;
  readonly ci: readonly [number, number];
}

/** One arm against the reference, persona by persona. Exploratory: nothing is adjusted and nothing is decided by it. */
export interface PersonaEffects {
  readonly arm: string;
  readonly against: string;
  readonly effects: readonly PersonaEffect[];
  /** Cochran's Q: whether the differences differ between personas; null with fewer than two. */
  readonly heterogeneityP: number | null;
}

/** Personas in order of their key; those without people in either arm are left out. */
export function personaEffects(
  cells: readonly OutcomeCell[],
  arm: string,
  against: string,
  alpha: number,
): PersonaEffects {
  const count = (persona: string, key: string): Count =>
    cells.find((cell) => cell.persona === persona && cell.arm === key) ?? { n: 0, events: 0 };
  const strata = [...new Set(cells.map((cell) => cell.persona))]
    .sort()
    .map((persona) => ({ persona, arm: count(persona, arm), reference: count(persona, against) }))
    .filter((stratum) => stratum.arm.n > 0 && stratum.reference.n > 0);
  return {
    arm,
    against,
    effects: strata.map((stratum) => ({
      persona: stratum.persona,
      arm,
      n: stratum.arm.n,
      rate: rateOf(stratum.arm),
      referenceN: stratum.reference.n,
      referenceRate: rateOf(stratum.reference),
      difference: rateOf(stratum.arm) - rateOf(stratum.reference),
      ci: newcombeInterval(stratum.arm, stratum.reference, alpha),
    })),
    heterogeneityP: heterogeneityP(strata),
  };
}
