import type { DryRunReport } from '../domain/campaigns/dry-run';
import { scenarioSchema, type Scenario } from '../domain/campaigns/scenario';
import { delayOf } from '../domain/campaigns/expected-sends';
import { ownMessagesBefore } from '../domain/campaigns/own-messages';
import { stepsOf } from '../domain/campaigns/steps';
import { BoucleError } from '../domain/shared/errors';
import type { Sql } from './db';
import type { LaterStep } from './delivery/forecast-own-caps';
import { channelPolicies, gateTermsOf, type GateTerms } from './delivery/wave-terms';

export function createDryRunsStore(sql: Sql) {
  return {
    async scenario(key: string, version: number): Promise<Scenario> {
      const [row] = await sql<{ definition: unknown }[]>`
        select definition from scenarios where key = ${key} and version = ${version}`;
      if (row === undefined)
        throw new BoucleError('not-found', `There is no scenario ${key} of version ${version}.`);
      return scenarioSchema.parse(row.definition);
    },

    /** What the gate would be asked if the first wave went now. */
    async gateTerms(scenario: Scenario, dryRunId: string, step: string, startAt: Date): Promise<GateTerms> {
      return {
        campaignId: dryRunId,
        step,
        ...gateTermsOf(scenario, step, await channelPolicies(sql)),
        deadlineAt: new Date(startAt.getTime() + scenario.waveDeadlineSeconds * 1_000),
      };
    },

    /** Every later step as it falls due, if the first message went now. */
    async laterSteps(scenario: Scenario, dryRunId: string, startAt: Date): Promise<LaterStep[]> {
      const policies = await channelPolicies(sql);
      const patienceSeconds = scenario.waveDeadlineSeconds;
      return stepsOf(scenario).flatMap((step) => {
        if (step.follows === null) return [];
        const afterSeconds = delayOf(scenario, step);
        return {
          terms: {
            campaignId: dryRunId,
            step: step.key,
            ...gateTermsOf(scenario, step.key, policies),
            deadlineAt: new Date(startAt.getTime() + (afterSeconds + patienceSeconds) * 1_000),
          },
          afterSeconds,
          patienceSeconds,
          own: ownMessagesBefore(scenario, step, policies),
        };
      });
    },

    async save(report: DryRunReport, by: string): Promise<void> {
      await sql`
        insert into dry_runs (id, scenario_key, scenario_version, report, created_by)
        values (${report.dryRunId}, ${report.scenario.key}, ${report.scenario.version},
          ${sql.json(JSON.parse(JSON.stringify(report)))}, ${by})
        on conflict (id) do nothing`;
    },
  };
}

export type DryRunsStore = ReturnType<typeof createDryRunsStore>;
