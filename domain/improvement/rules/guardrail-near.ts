import type { Guardrail } from '../../experiments/guardrail';
import { percent } from '../../experiments/words';
import type { Rule } from './rule';

const NEAR = 0.5;
const MIN_EVENTS = 3;

const REMEDIES: Readonly<Record<string, string>> = {
  unsubscribe: 'Lower the pressure or narrow the segment: unsubscribes are close to the limit',
  complaint: 'Make leaving easier and the sender plainer: complaints are close to the limit',
};

/** A limit crossed, or more than half used up. Failed deliveries have a rule of their own. */
export const guardrailNear: Rule = ({ guardrails }) =>
  guardrails.filter(isNear).flatMap(({ metric, rate, events, n, limit, crossed }) => {
    const title = REMEDIES[metric];
    if (title === undefined) return [];
    return [
      {
        key: metric,
        title,
        why: `${metric} ${percent(rate)} (${events} of ${n}) against a limit of ${percent(limit)}${crossed ? ', which is crossed' : ''}.`,
        revenuePotential: crossed ? 5 : 3,
        difficulty: 2,
        statisticalFeasibility: 3,
      },
    ];
  });

const isNear = ({ rate, limit, events, crossed }: Guardrail): boolean =>
  crossed || (events >= MIN_EVENTS && rate >= NEAR * limit);
