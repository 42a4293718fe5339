import { declaredWords } from '../../experiments/beside-words';
import { ofPart } from '../../experiments/exclusion';
import { replicationWords } from '../../experiments/replication';
import type { CampaignFacts } from '../facts';
import { durationWords } from './duration';
import { blocks, inline, table } from './markdown';

/** What was tried: the hypothesis, the arms, the terms of the test. */
export function triedSection({
  report,
  arms,
  experiment,
  evaluation,
  challenge,
  original,
  segment,
  personas,
  pilotArea,
}: CampaignFacts): string {
  const { scenario } = report;
  const window = durationWords(scenario.primaryMetric.windowSeconds);
  const wish = scenario.primaryMetric.direction === 'increase' ? 'more' : 'less';
  return blocks(
    '## What was tried',
    `**Objective.** ${inline(scenario.objective)}`,
    `**Hypothesis.** ${inline(scenario.hypothesis)}`,
    `**Measured by** \`${scenario.primaryMetric.event}\` within ${window} (${wish} is better), towards ${inline(scenario.northStar)}.`,
    `**For** segment \`${segment}\`, personas ${personas.map((p) => `\`${p}\``).join(', ')}.`,
    pilotArea === null
      ? '**Pilot.** None.'
      : `**Pilot** in area \`${pilotArea}\`, all arms, its people outside the test.`,
    challenge !== null
      ? `**Challenge** ${inline(challenge)}.`
      : experiment === null
        ? '**Test.** None: one version for everybody.'
        : `**Test** on ${Math.round(experiment.testShare * 100)}% of the rest${inline(ofPart(experiment.exclusion))}, at alpha ${experiment.alpha}, with at least ${experiment.minPerArm} people per arm.`,
    original === null ? null : `**Replication.** ${inline(replicationWords(original, evaluation))}`,
    ...declaredWords(
      experiment ?? {},
      arms.map(({ label, way }) => ({ label, ...way })),
    ).map(({ what, words }) => `**${what}** ${inline(words)}.`),
    table(
      ['Arm', 'Weight', 'Role', 'Subject'],
      arms.map((arm) => [
        inline(arm.label),
        arm.weight,
        arm.control ? 'control: gets nothing' : arm.baseline ? 'baseline' : 'variant',
        arm.control ? '–' : inline(arm.subject),
      ]),
    ),
  );
}
