import { scenarioSchema, type Scenario } from '../domain/campaigns/scenario';
import type { ScenarioSurroundings } from '../domain/campaigns/scenario-references';
import { offerFault } from '../domain/offers/offer';
import { offerNamed } from '../domain/segments/persona-matrix';
import { BoucleError } from '../domain/shared/errors';
import { resolvedLiveRules } from './segments/live-rules';
import { attributesOf } from '../domain/segments/rule';
import { originalTest } from './experiments/original-test';
import type { Sql, Tx } from './db';
import { offersNamed } from './offers-store';
import { matrixInUse } from './persona-matrix/in-use';
import { liveSegmentsHeld } from './segments/live-named';

export type ScenarioStatus = 'draft' | 'validated' | 'archived';

export interface ScenarioVersion {
  readonly key: string;
  readonly version: number;
  readonly status: ScenarioStatus;
  readonly definition: Scenario;
  readonly createdBy: string;
  readonly createdAt: Date;
}

interface Row {
  key: string;
  version: number;
  status: ScenarioStatus;
  definition: unknown;
  created_by: string;
  created_at: Date;
}

const toVersion = (row: Row): ScenarioVersion => ({
  key: row.key,
  version: row.version,
  status: row.status,
  definition: scenarioSchema.parse(row.definition),
  createdBy: row.created_by,
  createdAt: row.created_at,
});

/** Versions of one scenario are numbered under this lock, so that two writers never take the same number. */
const lockKey = (tx: Tx, key: string) =>
  tx`select pg_advisory_xact_lock(hashtextextended(${`scenario.${key}`}, 0))`;

async function statusOf(tx: Tx, key: string): Promise<{ version: number; status: ScenarioStatus } | null> {
  const [row] = await tx<{ version: number; status: ScenarioStatus }[]>`
    select version, status from scenarios where key = ${key} order by version desc limit 1`;
  return row ?? null;
}

async function insert(tx: Tx, version: number, definition: Scenario, by: string): Promise<ScenarioVersion> {
  // A draft may name what is not live; what is live is not retired without seeing that it is named.
  const { audience, experiment } = definition;
  await liveSegmentsHeld(tx, [
    audience.segment,
    ...audience.personas,
    ...(experiment?.subPopulations.segments ?? []),
  ]);
  const [row] = await tx<Row[]>`
    insert into scenarios (key, version, status, definition, created_by)
    values (${definition.key}, ${version}, 'draft', ${tx.json(definition)}, ${by})
    returning key, version, status, definition, created_by, created_at`;
  if (row === undefined) throw new BoucleError('internal', 'The version was not stored.');
  return toVersion(row);
}

/**
 * Scenarios by version. A version never changes once written, but for its status; an edit is a new version.
 * Archiving is of the whole scenario and final.
 */
export function createScenariosStore(sql: Sql) {
  const get = async (key: string, version?: number): Promise<ScenarioVersion> => {
    const [row] = await sql<Row[]>`
      select key, version, status, definition, created_by, created_at from scenarios
      where key = ${key} ${version === undefined ? sql`` : sql`and version = ${version}`}
      order by version desc limit 1`;
    if (row === undefined) throw new BoucleError('not-found', 'No such scenario.');
    return toVersion(row);
  };

  /** Version 1, a draft. Throws conflict where the key is taken. */
  const create = async (definition: Scenario, by: string): Promise<ScenarioVersion> =>
    sql.begin(async (tx) => {
      await lockKey(tx, definition.key);
      if ((await statusOf(tx, definition.key)) !== null) {
        throw new BoucleError(
          'conflict',
          'A scenario with this key is already there: PUT a new version of it.',
        );
      }
      return insert(tx, 1, definition, by);
    });

  return {
    /** The latest version, or the one asked for. Throws not-found. */
    get,

    /** What a campaign starts from: the version asked for, else the latest validated one. Throws scenario-not-validated. */
    async startable(key: string, version?: number): Promise<ScenarioVersion> {
      if (version === undefined) {
        const [row] = await sql<Row[]>`
          select key, version, status, definition, created_by, created_at from scenarios
          where key = ${key} and status = 'validated' order by version desc limit 1`;
        if (row !== undefined) return toVersion(row);
      }
      const found = await get(key, version);
      if (found.status === 'validated') return found;
      throw new BoucleError(
        'scenario-not-validated',
        `Version ${found.version} of the scenario is ${found.status}.`,
      );
    },

    async versions(key: string): Promise<Omit<ScenarioVersion, 'definition'>[]> {
      return sql<Omit<ScenarioVersion, 'definition'>[]>`
        select key, version, status, created_by as "createdBy", created_at as "createdAt"
        from scenarios where key = ${key} order by version desc`;
    },

    /** Latest version of each scenario by key, archived ones only if asked for. */
    async list(filter: { status?: ScenarioStatus; after?: string; limit: number }) {
      return sql<
        {
          key: string;
          version: number;
          status: ScenarioStatus;
          name: string;
          createdBy: string;
          createdAt: Date;
        }[]
      >`
        select * from (
          select distinct on (key) key, version, status, definition ->> 'name' as name,
            created_by as "createdBy", created_at as "createdAt"
          from scenarios where key > ${filter.after ?? ''} order by key, version desc
        ) latest
        where ${filter.status === undefined ? sql`status <> 'archived'` : sql`status = ${filter.status}`}
        order by key limit ${filter.limit}`;
    },

    create,

    async addVersion(definition: Scenario, by: string): Promise<ScenarioVersion> {
      return sql.begin(async (tx) => {
        await lockKey(tx, definition.key);
        const latest = await statusOf(tx, definition.key);
        if (latest === null) throw new BoucleError('not-found', 'No such scenario.');
        if (latest.status === 'archived') throw new BoucleError('conflict', 'The scenario is archived.');
        return insert(tx, latest.version + 1, definition, by);
      });
    },

    /** A new scenario from the latest or the named version of another. */
    async clone(key: string, version: number | undefined, to: { key: string; name?: string }, by: string) {
      const source = await get(key, version);
      return create({ ...source.definition, ...to }, by);
    },

    async markValidated(key: string, version: number): Promise<void> {
      const rows = await sql`
        update scenarios set status = 'validated' where key = ${key} and version = ${version} and status <> 'archived' returning 1`;
      if (rows.length === 0) throw new BoucleError('conflict', 'The scenario is archived.');
    },

    async archive(key: string): Promise<void> {
      const rows = await sql`update scenarios set status = 'archived' where key = ${key} returning 1`;
      if (rows.length === 0) throw new BoucleError('not-found', 'No such scenario.');
    },

    /** What the scenario points at, as it stands now. */
    async surroundings(
      scenario: Scenario,
    ): Promise<Omit<ScenarioSurroundings, 'brands' | 'topics' | 'targeting'>> {
      const { segment, personas: asked, fallbackPersona } = scenario.audience;
      const groups = scenario.experiment?.subPopulations.segments ?? [];
      const replicates = scenario.experiment?.replicates;
      const [live, personas, rules, original] = await Promise.all([
        sql<
          { key: string }[]
        >`select key from live_segments where key = any(${[segment, ...groups]}::text[])`,
        sql<{ segment_id: string; offer_code: string }[]>`
          select segment_id, offer_code from persona_matrix_rows where version = ${matrixInUse(sql)}`,
        resolvedLiveRules(sql, [
          segment,
          ...groups,
          ...asked,
          ...(fallbackPersona === undefined ? [] : [fallbackPersona]),
        ]),
        replicates === undefined ? null : originalTest(sql, replicates),
      ]);
      const named = personas.flatMap(({ segment_id: persona, offer_code }) => {
        const code = offerNamed(offer_code);
        return code === null ? [] : [{ persona, code }];
      });
      const offers = await offersNamed(
        sql,
        named.map(({ code }) => code),
      );
      const segments = new Set(live.map(({ key }) => key));
      const where = { market: scenario.market, now: new Date() };
      return {
        segmentExists: segments.has(segment),
        originalRead: replicates === undefined || original !== null,
        subPopulations: new Set(groups.filter((key) => segments.has(key))),
        reads: new Map([...rules].map(([key, rule]) => [key, attributesOf(rule)])),
        personas: personas.length === 0 ? null : new Set(personas.map((row) => row.segment_id)),
        offerFaults: new Map(
          named.flatMap(({ persona, code }) => {
            const fault = offerFault(code, offers.get(code), where);
            return fault === null ? [] : [[persona, fault] as const];
          }),
        ),
      };
    },
  };
}

export type ScenariosStore = ReturnType<typeof createScenariosStore>;
