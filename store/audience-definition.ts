import { createHash } from 'node:crypto';
import { z } from 'zod';
import { armChannels, channelsOfStep } from '../domain/campaigns/arm-ways';
import { scenarioSchema, type Scenario } from '../domain/campaigns/scenario';
import { FIRST_STEP, stepOf } from '../domain/campaigns/steps';
import { drawnHoldoutSchema } from '../domain/delivery/holdout';
import { resolveRule } from '../domain/segments/resolve';
import { ruleSchema, type ResolvedRule } from '../domain/segments/rule';
import { BoucleError, type Fault } from '../domain/shared/errors';
import { CHANNELS } from '../domain/shared/words';
import type { AudienceDefinition } from './audience-sql';
import type { Sql, Tx } from './db';
import { holdoutsAt } from './holdout-sql';
import { matrixInUse } from './persona-matrix/in-use';
import { createPoliciesStore } from './policies-store';
import { liveRules, ruleOf, surroundingsOf } from './segments/live-rules';

const versioned = z.strictObject({ key: z.string(), version: z.int(), rule: ruleSchema });

/** What a freeze is made of beside the people and the scenario: it can be made again from it. */
const madeOfSchema = z.strictObject({
  segment: versioned,
  /** In the order they are tried. */
  personas: z.array(versioned),
  matrix: z.int(),
  /** Rules of the segments that those name. */
  named: z.record(z.string(), ruleSchema),
  means: z.record(z.string(), z.number()),
  channels: z.array(z.enum(CHANNELS)),
  /** Of a test of channels, those of each arm. */
  armChannels: z.array(z.array(z.enum(CHANNELS))).optional(),
  holdouts: z.array(drawnHoldoutSchema).default([]),
});
export type MadeOf = z.infer<typeof madeOfSchema>;

/** What a campaign is bound to; null takes what is live. */
export interface Bound {
  readonly segment: number | null;
  readonly matrix: number | null;
  /** Of a frozen audience: everything. */
  readonly madeOf: MadeOf | null;
}

export const UNBOUND: Bound = { segment: null, matrix: null, madeOf: null };

export interface LoadedDefinition {
  readonly definition: AudienceDefinition;
  readonly madeOf: MadeOf;
}

/**
 * The rules a scenario names, with everything they name in turn: its segment, and the segments its personas stand for.
 * Throws segment-unknown, or scenario-invalid for personas that are not in the matrix.
 */
export async function loadDefinition(
  sql: Sql | Tx,
  scenario: Scenario,
  seed: string,
  bound: Bound,
): Promise<LoadedDefinition> {
  const [clock] = await sql<{ now: Date }[]>`select now() as now`;
  const asOf = clock?.now ?? new Date();
  const madeOf = bound.madeOf ?? (await readMadeOf(sql, scenario, bound, asOf));
  return { definition: definitionOf(scenario, seed, madeOf, asOf), madeOf };
}

/** Everything a freeze does follows from these four and the people. */
export const definitionOf = (
  scenario: Scenario,
  seed: string,
  madeOf: MadeOf,
  asOf: Date,
): AudienceDefinition => ({
  scenario,
  seed,
  ...resolvedRules(madeOf),
  channels: madeOf.channels,
  armChannels: madeOf.armChannels ?? null,
  holdouts: madeOf.holdouts,
  asOf,
});

async function readMadeOf(sql: Sql | Tx, scenario: Scenario, bound: Bound, asOf: Date): Promise<MadeOf> {
  const { personas } = scenario.audience;
  const segment = await segmentOf(sql, scenario.audience.segment, bound.segment);
  const matrix = await knownPersonas(sql, scenario, bound.matrix);
  const live = await liveRules(sql, personas);
  const versions = personas.map((key) => {
    const found = live.get(key);
    if (found === undefined) throw new BoucleError('segment-unknown', `no segment ${key} is live`);
    return found;
  });
  const surroundings = await surroundingsOf(
    sql,
    [segment, ...versions].map(({ rule }) => rule),
  );
  const policies = Object.values(await createPoliciesStore(sql).list('channel'));
  const first = stepOf(scenario, FIRST_STEP);
  const byArm = armChannels(scenario, first, policies);
  return {
    segment,
    personas: versions,
    matrix,
    named: Object.fromEntries(surroundings.liveRules),
    means: Object.fromEntries(surroundings.means),
    channels: [...channelsOfStep(scenario, first, policies)],
    ...(byArm === null ? {} : { armChannels: byArm.map(({ channels }) => [...channels]) }),
    holdouts: await holdoutsAt(sql, asOf),
  };
}

/** The version the campaign was started with, else the live one. */
async function segmentOf(sql: Sql | Tx, key: string, version: number | null): Promise<MadeOf['segment']> {
  const [row] = await sql<{ key: string; version: number; rule: unknown }[]>`
    select s.key, s.version, s.rule from segments s
    where s.key = ${key} and s.version = coalesce(${version}::int, (select version from live_segments where key = ${key}))`;
  if (row === undefined) throw new BoucleError('segment-unknown', `no segment ${key} is live`);
  return { ...row, rule: ruleOf(row.rule) };
}

/** The version of the matrix; throws where it lacks a persona of the scenario. */
async function knownPersonas(
  sql: Sql | Tx,
  { audience: { personas, fallbackPersona } }: Scenario,
  wanted: number | null,
): Promise<number> {
  const matrix = await sql<{ version: number; segment_id: string }[]>`
    select r.version, r.segment_id from persona_matrix_rows r
    where r.version = coalesce(${wanted}::int, ${matrixInUse(sql)})`;
  const known = new Set(matrix.map((r) => r.segment_id));
  const faults: Fault[] = [
    ...personas.map((key, i) => ({ key, path: `/audience/personas/${i}` })),
    ...(fallbackPersona === undefined ? [] : [{ key: fallbackPersona, path: '/audience/fallbackPersona' }]),
  ]
    .filter(({ key }) => !known.has(key))
    .map(({ key, path }) => ({ path, message: `${key} is not in the persona matrix` }));
  if (faults.length > 0)
    throw new BoucleError('scenario-invalid', 'the scenario names personas the matrix does not have', faults);
  return matrix[0]?.version ?? 0;
}

export function resolvedRules({ segment, personas, named, means }: MadeOf): {
  rule: ResolvedRule;
  personas: { key: string; rule: ResolvedRule }[];
} {
  const surroundings = {
    liveRules: new Map(Object.entries(named)),
    means: new Map(Object.entries(means)),
  };
  return {
    rule: resolveRule(segment.rule, surroundings),
    personas: personas.map(({ key, rule }) => ({ key, rule: resolveRule(rule, surroundings) })),
  };
}

/** What a stored audience was made of; null for one frozen before this was kept. */
export const readMadeOfStored = (stored: unknown): MadeOf | null =>
  stored === null ? null : madeOfSchema.parse(stored);

/** SHA-256 of everything that decided who is in and where: what an approval is bound to. */
export function definitionHash({ definition: { scenario, seed }, madeOf }: LoadedDefinition): string {
  const { nature, brand, audience, arms, pilot, experiment } = scenario;
  const shares = arms.map(({ key, weight, control }) => ({ key, weight, control }));
  const text = JSON.stringify({ nature, brand, audience, shares, pilot, experiment, seed, madeOf });
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
