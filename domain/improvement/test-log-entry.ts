import { shownWords } from '../experiments/beside-words';
import type { Evaluation } from '../experiments/evaluation';
import { ofPart } from '../experiments/exclusion';
import { replicationWords } from '../experiments/replication';
import { durationWords } from './report/duration';
import { number } from './report/markdown';
import type { CampaignFacts } from './facts';
import type { ReportBacklogItem } from './report-data';
import { isTooSmall, winnerOf } from './rules/arms';

/** One entry of crm-test-log.md. Plain sentences; no names of people. */
export interface TestLogEntry {
  readonly context: string;
  readonly hypothesis: string;
  readonly implementation: string;
  readonly result: string;
  readonly insight: string;
  readonly nextStep: string;
}

export function testLogEntry(facts: CampaignFacts, backlog: readonly ReportBacklogItem[]): TestLogEntry {
  const { report } = facts;
  return {
    context: contextOf(facts),
    hypothesis: report.scenario.hypothesis,
    implementation: implementationOf(facts),
    result: resultOf(facts),
    insight: [
      insightOf(facts),
      ...(facts.original === null ? [] : [replicationWords(facts.original, facts.evaluation)]),
    ].join(' '),
    nextStep: backlog[0] ? `${backlog[0].title} (priority ${backlog[0].priority}).` : 'None.',
  };
}

/** Of a test that was run elsewhere: what its file said, and how it was read. */
export function finishedTestEntry({
  hypothesis,
  replicates,
  evaluation: { metric, arms, decision },
}: {
  readonly hypothesis: string;
  readonly replicates: string | null;
  readonly evaluation: Pick<Evaluation, 'metric' | 'arms' | 'decision'>;
}): TestLogEntry {
  const people = arms.map(({ label, n }) => `${label} (${number(n)})`).join(', ');
  return {
    context: 'Run elsewhere, and read here from its file.',
    hypothesis,
    implementation: `Arms and their people: ${people}. Measured by ${metric}.`,
    result: decision.reasons.join(' '),
    insight: replicates === null ? 'None.' : `It repeats the test ${replicates}.`,
    nextStep: 'None.',
  };
}

function contextOf({ report, segment, personas }: CampaignFacts): string {
  const people = report.audience ? `${number(report.audience.members)} people of ` : '';
  return `${report.scenario.objective} ${people}segment ${segment}, market ${report.scenario.market}, personas ${personas.join(', ')}.`;
}

function implementationOf({ report, arms, experiment, challenge, pilotArea }: CampaignFacts): string {
  const { accepted, planned } = report.deliveries;
  const versions = arms.map((arm) => (arm.control ? `${arm.label} (nothing sent)` : arm.label)).join(', ');
  const { event, windowSeconds } = report.scenario.primaryMetric;
  return [
    `Arms: ${versions}.`,
    pilotArea === null ? 'No pilot.' : `Pilot in area ${pilotArea}.`,
    challenge !== null
      ? `Challenge: ${challenge}.`
      : experiment === null
        ? 'No test.'
        : `Test on ${Math.round(experiment.testShare * 100)}% of the rest${ofPart(experiment.exclusion)}, measured by ${event} within ${durationWords(windowSeconds)}.`,
    planned === 0
      ? 'Nothing was sent.'
      : `${number(accepted)} of ${number(planned)} planned messages accepted.`,
  ].join(' ');
}

function resultOf({ report, evaluation, experiment }: CampaignFacts): string {
  const end = report.end === null ? 'Not ended yet.' : `Ended ${report.end}.`;
  if (evaluation)
    return [
      end,
      ...evaluation.decision.reasons,
      ...besideWords(shownWords(evaluation, experiment?.alpha ?? 0.05)),
    ].join(' ');
  // Who rejected is not for the log; the reason is in the backlog.
  return report.end === 'rejected' ? end : `${end} ${report.endReason ?? ''}`.trim();
}

const besideWords = (shown: readonly string[]): string[] =>
  shown.length === 0 ? [] : ['Beside it, deciding nothing:', ...shown];

function insightOf(facts: CampaignFacts): string {
  const { evaluation, personaEffects, report } = facts;
  const winner = winnerOf(facts);
  if (winner) {
    const differs =
      personaEffects?.heterogeneityP !== null && (personaEffects?.heterogeneityP ?? 1) < 0.1
        ? ' The effect seems to differ between personas (exploratory).'
        : '';
    return `The hypothesis holds as far as ${winner.label} goes: it moves ${report.scenario.primaryMetric.event}.${differs}`;
  }
  switch (evaluation?.decision.action) {
    case 'no-winner':
      if (isTooSmall(facts))
        return 'Nothing about the hypothesis: there were too few people or events to judge it by.';
      return 'The hypothesis is not borne out: no arm did better than what it was held against, as far as these numbers can tell.';
    case 'invalid':
      return 'Nothing about the hypothesis: the split of the arms was disturbed, and that has to be understood first.';
    default:
      return report.end === 'completed'
        ? 'The hypothesis was not tested: everybody got the same version.'
        : 'Nothing about the hypothesis: the campaign ended before it could be tested.';
  }
}
