import { isOfShares } from '../domain/experiments/evaluation';
import { formatP } from '../domain/experiments/p-value';
import { sensitivityLines } from '../domain/experiments/sensitivity-words';
import { AMOUNTS, confidence, percent, SHARES } from '../domain/experiments/words';
import { blocks, bullets, inline, table } from '../domain/improvement/report/markdown';
import type { FinishedTest } from './finished-test';

/** A finished test as a file for people: what was decided and why, the figures, and what would have turned it. */
export function finishedTestMarkdown({ result, ...test }: FinishedTest): string {
  const { evaluation, sensitivity } = result;
  const { decision, health, comparisons, amongWinners } = evaluation;
  const figures = isOfShares(evaluation) ? SHARES : AMOUNTS;
  const label = (key: string): string => inline(evaluation.arms.find(({ arm }) => arm === key)?.label ?? key);
  const text = blocks(
    `# ${inline(test.name)}`,
    `Test \`${test.key}\`, run elsewhere; read by Boucle ${test.revision} on ${test.importedAt.toISOString().slice(0, 10)}, imported by ${inline(test.importedBy)}.${test.replicates === null ? '' : ` It repeats \`${test.replicates}\`.`}`,
    test.hypothesis === '' ? null : `**Hypothesis.** ${inline(test.hypothesis)}`,
    `## Decision: ${decision.action}${decision.arm === null ? '' : ` ${label(decision.arm)}`}`,
    bullets(decision.reasons.map(inline)),
    '## Health',
    bullets(health.checks.map(({ verdict, words }) => `${verdict}: ${inline(words)}`)),
    '## Arms',
    table(
      ['Arm', 'People', 'With the event', figures === SHARES ? 'Rate' : 'Mean'],
      evaluation.arms.map((arm) => [inline(arm.label), arm.n, arm.events ?? '–', figures.level(arm.rate)]),
    ),
    '## Comparisons',
    table(
      [
        'Comparison',
        'Difference',
        `${confidence(test.alpha)} interval`,
        'Relative',
        'p',
        'p, adjusted',
        'p at any look',
      ],
      [...comparisons, ...amongWinners].map((c) => [
        `${label(c.arm)} − ${label(c.against)}`,
        figures.difference(c.difference),
        figures.range(c.ci),
        c.relative === null ? '–' : percent(c.relative.lift),
        formatP(c.p),
        formatP(c.pAdjusted),
        formatP(c.alwaysValid.p),
      ]),
    ),
    `![Forest plot](/v1/experiments/${test.key}/forest.svg)`,
    '## What would have turned it',
    bullets(sensitivityLines(sensitivity, label).map(inline)),
  );
  return `${text}\n`;
}
