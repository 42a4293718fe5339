import { createHash } from 'node:crypto';
import { scenarioSchema, type Scenario } from '../domain/campaigns/scenario';
import { FIRST_STEP, stepOf } from '../domain/campaigns/steps';
import { channelsFor } from '../domain/delivery/channel-policy';
import { BoucleError, type Fault } from '../domain/shared/errors';
import type { AudienceDefinition } from './audience-sql';
import type { Sql, Tx } from './db';
import { createPoliciesStore } from './policies-store';
import { readRule } from './segments-store';

/** Versions a campaign is bound to; null takes the latest. */
export interface Versions {
  readonly segment: number | null;
  readonly matrix: number | null;
}

export interface LoadedDefinition {
  readonly definition: AudienceDefinition;
  readonly versions: { readonly segment: number; readonly matrix: number };
}

/**
 * Reads the rules a scenario names: its segment, and the segments its personas stand for. Throws segment-unknown, or
 * scenario-invalid for personas that are not in the matrix.
 */
export async function loadDefinition(
  sql: Sql | Tx,
  scenario: Scenario,
  seed: string,
  wanted: Versions,
): Promise<LoadedDefinition> {
  const { segment, personas, fallbackPersona } = scenario.audience;
  const [main] = await sql<{ version: number; rule: unknown }[]>`
    select version, rule from segments
    where key = ${segment} and (${wanted.segment}::int is null or version = ${wanted.segment}::int)
    order by version desc limit 1`;
  if (main === undefined) throw new BoucleError('segment-unknown', `no segment ${segment}`);

  const matrix = await sql<{ version: number; segment_id: string }[]>`
    select r.version, r.segment_id from persona_matrix_rows r
    where r.version = coalesce(${wanted.matrix}::int, (select max(version) from persona_matrix_versions))`;
  const known = new Set(matrix.map((r) => r.segment_id));
  const faults: Fault[] = [
    ...personas.map((key, i) => ({ key, path: `/audience/personas/${i}` })),
    ...(fallbackPersona === undefined ? [] : [{ key: fallbackPersona, path: '/audience/fallbackPersona' }]),
  ]
    .filter(({ key }) => !known.has(key))
    .map(({ key, path }) => ({ path, message: `${key} is not in the persona matrix` }));
  if (faults.length > 0)
    throw new BoucleError('scenario-invalid', 'the scenario names personas the matrix does not have', faults);

  const rules = await sql<{ key: string; rule: unknown }[]>`
    select distinct on (key) key, rule from segments where key = any(${personas}::text[]) order by key, version desc`;
  const ruleOf = new Map(rules.map((r) => [r.key, readRule(r.rule)]));
  const [clock] = await sql<{ now: Date }[]>`select now() as now`;
  return {
    definition: {
      scenario,
      seed,
      rule: readRule(main.rule),
      personas: personas.map((key) => {
        const rule = ruleOf.get(key);
        if (rule === undefined) throw new BoucleError('segment-unknown', `no segment ${key}`);
        return { key, rule };
      }),
      channels: channelsFor(
        stepOf(scenario, FIRST_STEP),
        Object.values(await createPoliciesStore(sql).list('channel')),
      ),
      asOf: clock?.now ?? new Date(),
    },
    versions: { segment: main.version, matrix: matrix[0]?.version ?? 0 },
  };
}

/** SHA-256 of everything that decided who is in and where: what an approval is bound to. */
export function definitionHash({
  definition: { scenario, seed, rule, personas },
  versions,
}: LoadedDefinition): string {
  const { nature, brand, audience, arms, pilot, experiment } = scenario;
  const shares = arms.map(({ key, weight, control }) => ({ key, weight, control }));
  const text = JSON.stringify({
    nature,
    brand,
    audience,
    shares,
    pilot,
    experiment,
    seed,
    rule,
    personas,
    versions,
  });
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** The scenario a campaign was started with. Throws scenario-invalid if this version can no longer read it. */
export function readScenario(stored: unknown): Scenario {
  const parsed = scenarioSchema.safeParse(stored);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((i) => ({
    path: `/${i.path.map(String).join('/')}`,
    message: i.message,
  }));
  throw new BoucleError('scenario-invalid', 'the stored scenario cannot be read', faults);
}
