import type postgres from 'postgres';
import { BUCKETS } from '../domain/campaigns/audience';
import type { Scenario } from '../domain/campaigns/scenario';
import type { DrawnHoldout } from '../domain/delivery/holdout';
import { natureRule } from '../domain/delivery/nature-rules';
import { armBounds } from '../domain/experiments/assign';
import { suppressionScopes } from '../domain/delivery/suppression-scopes';
import type { ResolvedRule } from '../domain/segments/rule';
import type { Channel } from '../domain/shared/words';
import { belowSql, digestSql, numberSql, shareBound } from './assignment';
import type { Sql, Tx } from './db';
import { inPartSql } from './exclusion-groups';
import { FINGERPRINT_COLUMN } from './fingerprint-column';
import { heldOutSql } from './holdout-sql';
import { ruleSql } from './segment-sql';
import { dealtSql, stratumSql } from './strata-sql';

/** Everything a freeze depends on beside the people themselves. */
export interface AudienceDefinition {
  readonly scenario: Scenario;
  readonly seed: string;
  readonly rule: ResolvedRule;
  /** In the order they are tried. */
  readonly personas: readonly { readonly key: string; readonly rule: ResolvedRule }[];
  /** Of the first message: who can get it by none of them is kept out. */
  readonly channels: readonly Channel[];
  /** Of a test of channels, those of each arm: who cannot be reached in every one waits for the roll-out. null: alike. */
  readonly armChannels: readonly (readonly Channel[])[] | null;
  /** Populations no campaign touches, as they are drawn at that moment. */
  readonly holdouts: readonly DrawnHoldout[];
  readonly asOf: Date;
}

/** Profile ids from (inclusive) and to (exclusive); null leaves an end open. */
export interface IdRange {
  readonly from: number | null;
  readonly to: number | null;
}

export const EVERYBODY: IdRange = { from: null, to: null };

/**
 * The common table expressions down to `considered (id, reason, part, arm, persona, bucket)`: one row for everybody the
 * segment's rule matches, with the first reason that keeps them out, or their place in the campaign. Each step is
 * fenced by `offset 0`: pulled up, the planner would evaluate a rule or a digest once for every place that reads it.
 * Arms fall by hash; where the test is stratified its arms are dealt, over everybody there is: `range` is then no part.
 */
export function consideredSql(
  sql: Sql | Tx,
  definition: AudienceDefinition,
  range: IdRange = EVERYBODY,
): postgres.Fragment {
  const { scenario } = definition;
  const { pilot } = scenario;
  // Who enters a live campaign is dealt an arm where it is challenged, and has no part of its own.
  const experiment = scenario.kind === 'continuous' ? undefined : scenario.experiment;
  const stratified = experiment?.stratifyBy !== undefined;
  const stratum = stratified ? sql`, p.stratum` : sql``;
  const carried = (column: postgres.Fragment): postgres.Fragment =>
    definition.armChannels === null ? sql`` : column;
  const id = sql`p.id`;
  const inPart = experiment?.exclusion === undefined ? null : inPartSql(sql, experiment.exclusion, id);
  return sql`
    placed as ${pilot?.maxPeople === undefined ? sql`not materialized` : sql`materialized`} (
      select p.id, p.persona, p.reason${stratum}${carried(sql`, p.in_every_arm`)},
        ${pilot === undefined ? sql`false` : sql`coalesce(p.area = ${pilot.area}, false)`}${inPart === null ? sql`` : sql` and ${inPart}`} as in_pilot,
        ${inPart === null ? sql`` : sql`${inPart} as in_part,`}
        ${needsPartDigest(scenario) ? sql`case when p.reason is null then ${digestSql(sql, `${definition.seed}.part`, id)} end` : sql`null::bytea`} as part_digest
      from (${excludedSql(sql, definition, range)}) p
      offset 0
    )${pilot?.maxPeople === undefined ? sql`` : chosenSql(sql, pilot.maxPeople)},
    parted as ${stratified ? sql`materialized` : sql`not materialized`} (
      select p.id, p.persona, p.reason${stratum},
        case when p.reason is not null then null
          when p.in_pilot then ${pilotPart(sql, scenario)}
          when ${experiment === undefined ? sql`false` : belowSql(sql, sql`p.part_digest`, experiment.testShare)} ${carried(sql` and p.in_every_arm`)}${inPart === null ? sql`` : sql` and p.in_part`} then 'test'
          else 'rollout' end as part,
        case when p.reason is null then ${digestSql(sql, `${definition.seed}.bucket`, id)} end as bucket_digest
      from placed p
      offset 0
    ),
    ${stratified ? sql`${dealtSql(sql, scenario.arms, armSalt(definition))},` : sql``}
    considered as materialized (
      select p.id, p.reason, p.part, p.persona,
        ${scenario.experiment === undefined ? sql`null::text` : armSql(sql, definition)} as arm, ${bucketSql(sql)} as bucket
      from parted p${stratified ? sql` where p.part is distinct from 'test'` : sql``}
      ${stratified ? sql`union all select p.id, null, p.part, p.persona, p.arm, ${bucketSql(sql)} from dealt p` : sql``}
    )`;
}

const armSalt = ({ seed }: AudienceDefinition): string => `${seed}.arm`;

const bucketSql = (sql: Sql | Tx): postgres.Fragment =>
  sql`floor(${numberSql(sql, sql`p.bucket_digest`)} * ${BUCKETS}::int)::smallint`;

/** With neither test nor a limit on the pilot nobody's part hangs on a hash, and SHA-256 is what a freeze costs. */
const needsPartDigest = (scenario: Scenario): boolean =>
  scenario.experiment !== undefined || scenario.pilot?.maxPeople !== undefined;

function chosenSql(sql: Sql | Tx, maxPeople: number): postgres.Fragment {
  return sql`, chosen as materialized (
      select id from placed where in_pilot and reason is null order by part_digest limit ${maxPeople}
    )`;
}

/** Who lives in the pilot's area and is not among the lowest hashes waits for the roll-out: the test has other areas. */
const pilotPart = (sql: Sql | Tx, scenario: Scenario): postgres.Fragment =>
  scenario.pilot?.maxPeople === undefined
    ? sql`'pilot'`
    : sql`case when p.id in (select id from chosen) then 'pilot' else 'rollout' end`;

function armSql(sql: Sql | Tx, definition: AudienceDefinition): postgres.Fragment {
  const { arms } = definition.scenario;
  const bounds = armBounds(arms)
    .slice(0, -1)
    .flatMap((share) => shareBound(share) ?? []);
  const thresholds = bounds.map((b, i) => (i === 0 ? sql`${b}::bytea` : sql`, ${b}::bytea`));
  const keys = arms.map((arm) => arm.key);
  const digest = digestSql(sql, armSalt(definition), sql`p.id`);
  const compared =
    definition.scenario.kind === 'continuous' ? sql`p.part is not null` : sql`p.part in ('pilot', 'test')`;
  return sql`case when ${compared} then
    (${keys}::text[])[1 + width_bucket(${digest}, array[${thresholds.length === 0 ? sql`` : thresholds.reduce((all, one) => sql`${all}${one}`)}]::bytea[])] end`;
}

/**
 * (id, area, persona, reason) of everybody the rule matches, and of a stratified test the stratum: the waterfall, its last two
 * steps being persona and holdout.
 */
function excludedSql(sql: Sql | Tx, definition: AudienceDefinition, range: IdRange): postgres.Fragment {
  const { scenario, personas, asOf } = definition;
  const cases = personas.map(
    (persona) => sql` when ${ruleSql(sql, persona.rule, asOf)} then ${persona.key}::text`,
  );
  const persona = sql`case${cases.reduce((all, one) => sql`${all}${one}`)} else ${scenario.audience.fallbackPersona ?? null}::text end`;
  const stratifyBy = scenario.experiment?.stratifyBy;
  const inEveryArm = definition.armChannels === null ? sql`` : sql`, p.in_every_arm`;
  const held = natureRule(scenario.nature).holdout ? heldOutSql(sql, holdoutsOf(definition)) : null;
  return sql`
    select p.id, p.area, p.persona${stratifyBy === undefined ? sql`` : sql`, ${stratumSql(sql, stratifyBy)} as stratum`}${inEveryArm},
      case when p.reason is not null then p.reason when p.persona is null then 'no-persona'
        ${held === null ? sql`` : sql`when ${held} then 'holdout'`} end as reason
    from (
      select p.id, p.area, p.market, p.reason${inEveryArm}${stratifyBy === undefined ? sql`` : sql`, p.locale, p.attributes, p.derived`},
        case when p.reason is null then ${persona} end as persona
      from (${reasonSql(sql, definition, range)}) p
      offset 0
    ) p
    offset 0`;
}

/** The standing ones and the scenario's own. */
export function holdoutsOf({ scenario, holdouts }: AudienceDefinition): DrawnHoldout[] {
  const { holdout } = scenario.audience;
  return holdout === undefined ? [...holdouts] : [...holdouts, { key: 'scenario', market: null, ...holdout }];
}

/**
 * Why a channel cannot be used for somebody, with the joins that find out. A campaign of one channel costs its own
 * look-ups and nothing more.
 */
function channelReason(
  sql: Sql | Tx,
  { scenario, asOf }: AudienceDefinition,
  channel: Channel,
  ordinal: number,
  range: IdRange,
): { joins: postgres.Fragment; reason: postgres.Fragment } {
  const needed = natureRule(scenario.nature).consent;
  const fingerprint = FINGERPRINT_COLUMN[channel];
  const c = sql(`c${ordinal}`);
  const s = sql(`s${ordinal}`);
  const unreachable =
    fingerprint !== null
      ? sql`when p.${sql(fingerprint)} is null then 'unreachable'`
      : channel === 'push'
        ? sql`when not exists (select from devices d where d.profile_id = p.id and d.revoked_at is null) then 'unreachable'`
        : sql``;
  const suppressed = fingerprint === null ? sql`` : sql`when ${s}.fingerprint is not null then 'suppressed'`;
  const refused =
    needed === null
      ? sql``
      : needed.kind === 'opt-in'
        ? sql`when ${c}.granted is not true then 'no-consent' when ${c}.expires_at <= ${asOf}::timestamptz then 'consent-expired'`
        : sql`when ${c}.granted is false then 'no-consent'`;
  const doubtful = channel === 'email' ? sql`when 'email' = any(p.doubtful) then 'doubtful'` : sql``;
  return {
    joins: sql`
    ${
      fingerprint === null
        ? sql``
        : sql`left join (
      select distinct fingerprint from suppressions where scope = any(${suppressionScopes(scenario.brand)}::text[])
    ) ${s} on ${s}.fingerprint = p.${sql(fingerprint)}`
    }
    ${
      needed === null
        ? sql``
        : sql`left join consent_state ${c} on ${c}.profile_id = p.id and ${c}.purpose = ${needed.purpose} and ${c}.channel = ${channel}${within(sql, sql`${c}.profile_id`, range)}`
    }`,
    // A `case` needs a branch: the last one never applies.
    reason: sql`case ${unreachable} ${suppressed} ${refused} ${doubtful} when false then '' end`,
  };
}

function reasonSql(sql: Sql | Tx, definition: AudienceDefinition, range: IdRange): postgres.Fragment {
  const ways = definition.channels.map((channel, i) => channelReason(sql, definition, channel, i, range));
  const joins = ways.map((way) => way.joins).reduce((all, one) => sql`${all}${one}`, sql``);
  const reasons = ways.map((way) => way.reason);
  const [first = sql`null`] = reasons;
  // Out only where no channel is left, for what keeps them from the first choice.
  const others = reasons.slice(1).map((reason) => sql` and (${reason}) is not null`);
  const reason =
    others.length === 0
      ? first
      : sql`case when true${others.reduce((all, one) => sql`${all}${one}`)} then ${first} end`;
  return sql`
    select p.id, p.area, p.market, p.locale, p.attributes, p.derived, p.email_fp, p.phone_fp, p.postal_fp, ${reason} as reason${inEveryArm(sql, definition, reasons)}
    from profiles p${joins}
    where p.merged_into is null and ${ruleSql(sql, definition.rule, definition.asOf)}${within(sql, sql`p.id`, range)}
    offset 0`;
}

/** `in_every_arm` of a test of channels: each arm has a channel that nothing keeps the person from. */
function inEveryArm(
  sql: Sql | Tx,
  { channels, armChannels }: AudienceDefinition,
  reasons: readonly postgres.Fragment[],
): postgres.Fragment {
  if (armChannels === null) return sql``;
  const reached = armChannels.map((own) => {
    const ways = reasons.filter((_, i) => own.some((channel) => channel === channels[i]));
    return sql`(${ways.map((way) => sql`(${way}) is null`).reduce((all, one) => sql`${all} or ${one}`, sql`false`)})`;
  });
  return sql`, ${reached.reduce((all, one) => sql`${all} and ${one}`, sql`true`)} as in_every_arm`;
}

const within = (sql: Sql | Tx, id: postgres.Fragment, { from, to }: IdRange): postgres.Fragment =>
  sql`${from === null ? sql`` : sql` and ${id} >= ${from}::bigint`}${to === null ? sql`` : sql` and ${id} < ${to}::bigint`}`;
