import type { DryRunReport } from '../domain/campaigns/dry-run';
import { scenarioSchema, type Scenario } from '../domain/campaigns/scenario';
import { BoucleError } from '../domain/shared/errors';
import type { Sql } from './db';
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
