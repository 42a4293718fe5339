import { isOfShares, type Comparison, type Evaluation } from '../../experiments/evaluation';
import { funnelOf } from '../../experiments/funnel';
import { formatP } from '../../experiments/p-value';
import { sensitivityLines } from '../../experiments/sensitivity-words';
import { AMOUNTS, intervalWords, percent, points, SHARES } from '../../experiments/words';
import type { CampaignFacts } from '../facts';
import { besideBlocks, undeclared } from './beside-primary';
import { blocks, bullets, inline, table } from './markdown';

/** The test: arms, comparisons with their intervals, the decision and why. */
export function experimentSection({
  evaluation,
  experiment,
  personaEffects,
  looks,
  report,
}: CampaignFacts): string {
  if (experiment === null) return blocks('## Experiment', 'The scenario has no test.');
  if (evaluation === null) return blocks('## Experiment', 'The test was not evaluated.');
  const label = (arm: string) => inline(evaluation.arms.find((a) => a.arm === arm)?.label ?? arm);
  const cut = undeclared(personaEffects, evaluation);
  const figures = isOfShares(evaluation) ? SHARES : AMOUNTS;
  const early = evaluation.decision.by === 'always-valid';
  const rows = (comparisons: readonly Comparison[]) =>
    comparisons.map((c) => [
      `${label(c.arm)} − ${label(c.against)}`,
      figures.difference(c.difference),
      figures.interval(early ? c.alwaysValid.ci : c.ci, experiment.alpha),
      formatP(c.p),
      formatP(c.pAdjusted),
    ]);
  return blocks(
    '## Experiment',
    `Counted: \`${evaluation.metric}\`, each person once, everyone the gate let through in every arm. ${healthWords(evaluation)}`,
    table(
      [
        'Arm',
        'People',
        'Accepted',
        'With the event',
        figures === SHARES ? 'Rate' : 'Mean',
        'Unsubscribed',
        'Complained',
      ],
      funnelOf(evaluation).map((arm) => [
        inline(arm.label),
        arm.allowed,
        arm.accepted ?? '–',
        arm.events ?? '–',
        figures.level(arm.rate),
        arm.unsubscribed ?? '–',
        arm.complained ?? '–',
      ]),
    ),
    evaluation.comparisons.length > 0
      ? table(
          ['Comparison', 'Difference', 'Interval', 'p', 'p, Holm'],
          [...rows(evaluation.comparisons), ...rows(evaluation.amongWinners)],
        )
      : null,
    ...drawings(report.campaignId, evaluation, looks),
    `### Decision: ${decisionWords(evaluation)}`,
    early
      ? 'Judged early, by the always-valid test: its intervals and p hold at every look.'
      : 'Judged at the end, by the fixed-horizon test.',
    bullets(evaluation.decision.reasons.map(inline)),
    besideBlocks(evaluation, experiment.alpha, label),
    ...sensitivityBlocks(evaluation, label),
    cut && personaBlock(cut, label(cut.arm), label(cut.against), experiment.alpha),
  );
}

const sensitivityBlocks = ({ sensitivity = [] }: Evaluation, label: (arm: string) => string): string[] =>
  sensitivity.length === 0
    ? []
    : ['### What would have turned it', bullets(sensitivityLines(sensitivity, label))];

/** Drawn by the api, where the file is read from. */
const drawings = (id: string, { comparisons }: Evaluation, looks: number): string[] => [
  ...(comparisons.length === 0 ? [] : [`![Forest plot](/v1/campaigns/${id}/figures/forest.svg)`]),
  ...(looks < 2 ? [] : [`![The intervals, look by look](/v1/campaigns/${id}/figures/timeline.svg)`]),
];

export function decisionWords({ decision, arms }: Evaluation): string {
  switch (decision.action) {
    case 'ship':
      return `ship ${inline(arms.find((a) => a.arm === decision.arm)?.label ?? decision.arm ?? '')}`;
    case 'no-winner':
      return 'no winner';
    case 'keep-running':
      return 'keep running';
    case 'review':
      return 'somebody has to look';
    case 'stop':
      return 'stop';
    case 'invalid':
      return 'the test is not valid';
  }
}

function healthWords({ health }: Evaluation): string {
  const p = health.srmP === null ? 'too few people to check' : `p ${formatP(health.srmP)}`;
  const others = health.checks
    .filter(({ name }) => name !== 'sample-ratio')
    .map(({ words }) => inline(words));
  return [`Sample ratios: ${health.verdict} (${p}).`, ...others].join(' ');
}

function personaBlock(
  { effects, heterogeneityP }: NonNullable<CampaignFacts['personaEffects']>,
  arm: string,
  against: string,
  alpha: number,
): string {
  return blocks(
    `### By persona (exploratory): ${arm} − ${against}`,
    'Nothing is decided by this table: it is cut after the fact and not adjusted. It says where to test next.' +
      (heterogeneityP === null ? '' : ` Difference between personas: p ${formatP(heterogeneityP)}.`),
    table(
      ['Persona', `People, ${arm}`, 'Rate', `People, ${against}`, 'Rate', 'Difference', 'Interval'],
      effects.map((e) => [
        `\`${e.persona}\``,
        e.n,
        percent(e.rate),
        e.referenceN,
        percent(e.referenceRate),
        points(e.difference),
        intervalWords(e.ci, alpha),
      ]),
    ),
  );
}
