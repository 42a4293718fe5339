import type { DryRunReport } from '../domain/campaigns/dry-run';
import { scenarioSchema, type Scenario } from '../domain/campaigns/scenario';
import { delayOf } from '../domain/campaigns/expected-sends';
import { ownMessagesBefore } from '../domain/campaigns/own-messages';
import { FIRST_STEP, stepsOf } from '../domain/campaigns/steps';
import { BoucleError } from '../domain/shared/errors';
import type { Sql } from './db';
import { takenWords } from './exclusion-groups';
import { forecastGate } from './delivery/forecast';
import { forecastOwnCaps, type OwnCap } from './delivery/forecast-own-caps';
import { channelPolicies, gateTermsOf } from './delivery/wave-terms';

export function createDryRunsStore(sql: Sql) {
  return {
    async scenario(key: string, version: number): Promise<Scenario> {
      const [row] = await sql<{ definition: unknown }[]>`
        select definition from scenarios where key = ${key} and version = ${version}`;
      if (row === undefined)
        throw new BoucleError('not-found', `There is no scenario ${key} of version ${version}.`);
      return scenarioSchema.parse(row.definition);
    },

    /** What holds its test's part of an exclusion group at this moment; null: nothing does, or it asks for none. */
    takenWords: async ({ experiment }: Scenario): Promise<string | null> =>
      experiment?.exclusion === undefined ? null : takenWords(sql, experiment.exclusion),

    /** What the gate would say to these people if the first wave went now. */
    async gate(
      scenario: Scenario,
      dryRunId: string,
      startAt: Date,
      people: readonly number[],
    ): ReturnType<typeof forecastGate> {
      const terms = {
        campaignId: dryRunId,
        step: FIRST_STEP,
        ...gateTermsOf(scenario, FIRST_STEP, await channelPolicies(sql)),
        deadlineAt: new Date(startAt.getTime() + scenario.waveDeadlineSeconds * 1_000),
      };
      return forecastGate(sql, terms, people);
    },

    /** Of every later step as it falls due, if the first message went to these people now: whom its own caps would hold. */
    async ownCaps(
      scenario: Scenario,
      dryRunId: string,
      startAt: Date,
      people: readonly number[],
    ): Promise<{ step: string; ownCaps: OwnCap[] }[]> {
      const policies = await channelPolicies(sql);
      const patienceSeconds = scenario.waveDeadlineSeconds;
      return Promise.all(
        stepsOf(scenario)
          .filter(({ follows }) => follows !== null)
          .map(async (step) => {
            const afterSeconds = delayOf(scenario, step);
            const terms = {
              campaignId: dryRunId,
              step: step.key,
              ...gateTermsOf(scenario, step.key, policies),
              deadlineAt: new Date(startAt.getTime() + (afterSeconds + patienceSeconds) * 1_000),
            };
            const own = ownMessagesBefore(scenario, step, policies);
            const later = { terms, afterSeconds, patienceSeconds, own };
            return { step: step.key, ownCaps: await forecastOwnCaps(sql, later, people) };
          }),
      );
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
