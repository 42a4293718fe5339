import type { TargetingPolicy } from '../domain/segments/policy';
import { createHash, randomBytes } from 'node:crypto';
import { scenarioSchema, type Scenario } from '../domain/campaigns/scenario';
import { referenceFaults } from '../domain/campaigns/scenario-references';
import type { CampaignRequest, CampaignRows, CampaignStart } from '../domain/campaigns/starting';
import { BoucleError } from '../domain/shared/errors';
import { atPeriod } from '../domain/campaigns/challenge';
import type { Sql, Tx } from './db';
import { takePart } from './exclusion-groups';
import { LOCKS } from './locks';
import { matrixInUse } from './persona-matrix/in-use';
import { createScenariosStore, type ScenarioVersion } from './scenarios-store';

/** Costs are counted in millionths of a euro. */
const MICROS_PER_CENT = 10_000;

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** `c` and 11 lower-case base32 characters: 55 bits, random or taken from the hash of `once`. */
function campaignIdOf(once: string | undefined): string {
  const bytes =
    once === undefined ? randomBytes(11) : createHash('sha256').update(once).digest().subarray(0, 11);
  return `c${[...bytes].map((byte) => BASE32.charAt(byte % 32)).join('')}`;
}

/**
 * The row a campaign begins as: the scenario as it is now, the seed, the versions of matrix and segment.
 * Later edits of any of them do not reach the run.
 */
export function createCampaignsCreateStore(
  sql: Sql,
  options: {
    brands: ReadonlySet<string>;
    topics: ReadonlySet<string>;
    targeting: TargetingPolicy;
    workflowIdOf: (campaignId: string) => string;
  },
): CampaignRows {
  const scenarios = createScenariosStore(sql);

  const startable = async ({ scenario: key, version }: CampaignRequest): Promise<ScenarioVersion> => {
    const scenario = await scenarios.startable(key, version);
    const around = await scenarios.surroundings(scenario.definition);
    const faults = referenceFaults(scenario.definition, { ...around, ...options });
    if (faults.length > 0) {
      throw new BoucleError(
        'scenario-invalid',
        'The scenario names things that are not there any more.',
        faults,
      );
    }
    return scenario;
  };

  const toStart = (campaignId: string, definition: Scenario, version: number): CampaignStart => ({
    campaignId,
    workflowId: options.workflowIdOf(campaignId),
    scenarioKey: definition.key,
    scenarioVersion: version,
    title: definition.name,
    objective: definition.objective,
    market: definition.market,
    department: definition.department,
  });

  return {
    async create(request) {
      const campaignId = campaignIdOf(request.once);
      const scenario = await startable(await pinned(sql, campaignId, request));
      // Together: a campaign without its budget would spend without end.
      await sql.begin(async (tx) => {
        const definition = atPeriod(scenario.definition, await periodOf(tx, scenario.key, campaignId));
        await tx`
          insert into campaigns (id, scenario_key, scenario_version, scenario, matrix_version, segment_version, seed, workflow_id, created_by)
          values (
            ${campaignId}, ${scenario.key}, ${scenario.version}, ${tx.json(definition)},
            ${matrixInUse(tx)},
            (select version from live_segments where key = ${scenario.definition.audience.segment}),
            ${randomBytes(16).toString('hex')}, ${options.workflowIdOf(campaignId)}, ${request.by}
          )
          ${request.once === undefined ? tx`` : tx`on conflict (id) do nothing`}`;
        const { budgetCents, experiment } = definition;
        if (experiment?.exclusion !== undefined) await takePart(tx, experiment.exclusion, campaignId);
        if (budgetCents !== undefined) {
          await tx`
            insert into campaign_budgets (campaign_id, limit_micros) values (${campaignId}, ${budgetCents * MICROS_PER_CENT})
            on conflict do nothing`;
        }
      });
      return toStart(campaignId, scenario.definition, scenario.version);
    },

    async find(campaignId) {
      const [row] = await sql<{ scenario: unknown; version: number }[]>`
        select scenario, scenario_version as version from campaigns where id = ${campaignId}`;
      if (row === undefined) throw new BoucleError('not-found', 'No such campaign.');
      return toStart(campaignId, scenarioSchema.parse(row.scenario), row.version);
    },

    async setRunId(campaignId, runId) {
      await sql`update campaigns set run_id = ${runId} where id = ${campaignId}`;
    },

    async remove(campaignId) {
      await sql`delete from campaigns where id = ${campaignId} and run_id is null`;
    },
  };
}

/** Which of its scenario's campaigns this is, from 1. Two made at once wait for each other. */
async function periodOf(tx: Tx, key: string, campaignId: string): Promise<number> {
  await tx`select pg_advisory_xact_lock(${LOCKS.period}, hashtext(${key}))`;
  const [row] = await tx<{ n: number }[]>`
    select count(*) as n from campaigns where scenario_key = ${key} and id <> ${campaignId}`;
  return (row?.n ?? 0) + 1;
}

/** A campaign made once already keeps the version it was made from. */
async function pinned(sql: Sql, campaignId: string, request: CampaignRequest): Promise<CampaignRequest> {
  if (request.once === undefined) return request;
  const [row] = await sql<
    { scenario_version: number }[]
  >`select scenario_version from campaigns where id = ${campaignId}`;
  return row === undefined ? request : { ...request, version: row.scenario_version };
}
