import { formatP } from '../../experiments/p-value';
import { points } from '../../experiments/words';
import { labelOf } from './arms';
import type { Rule } from './rule';

/** Looser than a test's own alpha: this decides nothing, it only proposes a test that will. */
const WORTH_A_LOOK = 0.1;

/** Where personas seem to react differently, a test per persona can tell; this campaign's own split cannot. */
export const followUpByPersona: Rule = ({ personaEffects, evaluation }) => {
  if (!personaEffects || !evaluation) return [];
  const { heterogeneityP, effects, arm } = personaEffects;
  if (heterogeneityP === null || heterogeneityP >= WORTH_A_LOOK) return [];
  const sorted = [...effects].sort((a, b) => b.difference - a.difference);
  const [most, least] = [sorted[0], sorted.at(-1)];
  if (!most || !least) return [];
  return [
    {
      key: arm,
      title: `Test ${labelOf(evaluation, arm)} persona by persona`,
      why:
        `The effect seems to differ between personas (p ${formatP(heterogeneityP)}, exploratory): ` +
        `${points(most.difference)} for ${most.persona}, ${points(least.difference)} for ${least.persona}.`,
      revenuePotential: 3,
      difficulty: 3,
      statisticalFeasibility: heterogeneityP < 0.01 ? 4 : 3,
    },
  ];
};
