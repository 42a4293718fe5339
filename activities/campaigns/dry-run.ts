import { calendarOf, messagesByStage, PLANNING } from '../../domain/campaigns/calendar';
import type { DryRunReport } from '../../domain/campaigns/dry-run';
import { tooSmallWords } from '../../domain/experiments/campaign-plan';
import type { AudienceStore } from '../../store/audience-store';
import type { DryRunsStore } from '../../store/dry-runs-store';
import type { CampaignsActivities } from '../contract';
import type { RenderForDryRun } from '../creatives/dry-run';
import { guarded } from '../failure';

export interface DryRunDeps {
  readonly audiences: AudienceStore;
  readonly dryRuns: DryRunsStore;
  readonly render: RenderForDryRun;
  readonly now: () => Date;
}

/** A whole campaign but the sending. Reads and renders; the report is all that is written. */
export function dryRunActivity(deps: DryRunDeps): Pick<CampaignsActivities, 'dryRun'> {
  return {
    dryRun: ({ dryRunId, scenarioKey, scenarioVersion, by }) =>
      guarded(async () => {
        const scenario = await deps.dryRuns.scenario(scenarioKey, scenarioVersion);
        const startAt = deps.now();
        const forecast = await deps.audiences.forecast(scenario, dryRunId);
        const { counts, samples, pairs, memberIds } = forecast;
        const [gate, creatives] = await Promise.all([
          deps.dryRuns.gate(scenario, dryRunId, startAt, memberIds),
          deps.render(scenario, [...new Set(pairs.map(({ persona }) => persona))]),
        ]);

        const held = await deps.dryRuns.ownCaps(scenario, dryRunId, startAt, gate.allowed);
        const steps = held.map((step) => ({ ...step, people: gate.allowed.length }));

        const traffic = await deps.audiences.traffic(scenario.audience.segment);
        const messagesPerSecond = traffic.messagesPerSecond ?? PLANNING.messagesPerSecond;
        const calendar = calendarOf(scenario, counts, {
          startAt,
          ...PLANNING,
          messagesPerSecond,
          approvalSeconds: scenario.approval.remindSeconds,
        });
        const byStage = messagesByStage(scenario, counts);
        const messages = byStage.pilot + byStage.experiment + byStage.rollout;
        const last = calendar.at(-1);
        const tooSmall = tooSmallWords(scenario, counts, traffic.entersPerDay);
        const taken = await deps.dryRuns.takenWords(scenario);
        const report: DryRunReport = {
          dryRunId,
          scenario: { key: scenarioKey, version: scenarioVersion },
          audience: counts,
          gate: { allowed: gate.allowed.length, skipped: gate.skipped },
          steps,
          creatives,
          samples,
          calendar,
          estimate: {
            messages,
            messagesPerSecond,
            pace: traffic.messagesPerSecond === null ? ('planning' as const) : ('measured' as const),
            sendingSeconds: Math.ceil(messages / messagesPerSecond),
            totalSeconds: last ? (Date.parse(last.endsAt) - startAt.getTime()) / 1_000 : 0,
          },
          problems: [
            ...problemsOf(counts.members, creatives.rejected, scenario.pilot ? counts.parts.pilot : null),
            ...(tooSmall === null ? [] : [tooSmall]),
            ...(taken === null ? [] : [taken]),
            ...steps.flatMap(ownCapProblems),
          ],
        };
        await deps.dryRuns.save(report, by);
        return report;
      }),
  };
}

function problemsOf(members: number, rejected: number, pilot: number | null): string[] {
  const problems: string[] = [];
  if (members === 0) problems.push('Nobody is left in the audience after the exclusions.');
  if (rejected > 0) problems.push(`${rejected} creative(s) would be rejected by QA and stop the campaign.`);
  if (pilot === 0) problems.push('The pilot area has nobody in this audience: there would be no pilot.');
  return problems;
}

const ownCapProblems = ({ step, people, ownCaps }: DryRunReport['steps'][number]): string[] =>
  ownCaps.map(
    ({ cap, people: held, outcome }) =>
      `Step ${step}: because of this campaign's own earlier message the cap ${cap} ` +
      `${outcome === 'skipped' ? 'keeps it from' : 'puts it off for'} ${held} of ${people} people.`,
  );
