import { intervalWords, points } from '../../experiments/words';
import { potentialOf } from '../priority';
import { liftOf, winnerOf } from './arms';
import type { Rule } from './rule';

/** A winner is worth trying where it has not been: other personas, other markets, and as what the next idea must beat. */
export const scaleWinner: Rule = (facts) => {
  const winner = winnerOf(facts);
  if (winner === null || facts.experiment === null) return [];
  const { label, comparison, reference } = winner;
  const lift = liftOf(comparison.difference, reference.rate);
  const proof = `${label} brought ${points(comparison.difference)} on ${facts.report.scenario.primaryMetric.event} (${intervalWords(comparison.ci, facts.experiment.alpha)}).`;
  const revenuePotential = potentialOf(lift);
  const needed = 2 * facts.experiment.minPerArm;
  const markets = facts.otherMarkets.filter((market) => market.people >= needed);
  return [
    {
      key: 'baseline',
      title: `Make ${label} the baseline and test the next idea against it`,
      why: `${proof} What is sent from now on should be held against it, not against nothing.`,
      revenuePotential: Math.max(1, revenuePotential - 1),
      difficulty: 2,
      statisticalFeasibility: 4,
    },
    ...(facts.otherPersonas.length > 0
      ? [
          {
            key: 'personas',
            title: `Try ${label} with ${listed(facts.otherPersonas)}`,
            why: `${proof} ${facts.otherPersonas.length} personas of the matrix were not targeted.`,
            revenuePotential,
            difficulty: 2,
            statisticalFeasibility: 4,
          },
        ]
      : []),
    ...(markets.length > 0
      ? [
          {
            key: 'markets',
            title: `Take ${label} to ${listed(markets.map((m) => m.market))}`,
            why: `${proof} There are people in ${markets.map((m) => `${m.market} (${m.people})`).join(', ')}; texts and offer have to be adapted.`,
            revenuePotential,
            difficulty: 3,
            statisticalFeasibility: 4,
          },
        ]
      : []),
  ];
};

const MAX_NAMED = 3;

const listed = (names: readonly string[]): string =>
  names.length <= MAX_NAMED
    ? names.join(', ')
    : `${names.slice(0, MAX_NAMED).join(', ')} and ${names.length - MAX_NAMED} more`;
