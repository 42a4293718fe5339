import type postgres from 'postgres';
import type { ArmChannels } from '../../domain/campaigns/arm-ways';
import type { Sql, Tx } from '../db';
import { heldOutSql } from '../holdout-sql';
import { ruleSql } from '../segment-sql';
import { lookAgainAt, outrankedCtes } from './gate-arbitration-sql';
import { capCtes } from './gate-caps-sql';
import { channelChecks, consentEvent } from './gate-channel-sql';
import type { GateMoment } from './gate-moment';
import { stepDeferrals, stepRefusals } from './gate-steps-sql';
import { within } from './span';
import type { StepTerms } from './wave-terms';

type Fragment = postgres.Fragment;

/**
 * The gate, as common table expressions over one named `person`: it judges everybody in it at this moment. `person` has
 * profile_id, step, deadline_at, tried (channels that failed before; null: none) and in_doubt (the one whose provider may
 * have it already: no other is open to it; null: none), and for a later step the earlier message's columns. It leaves `verdict`: the person's columns and
 *   channel          the first choice among those allowed
 *   reason           null: allowed; else why not on the channel that comes nearest to it
 *   not_before       set where they are put off until then, not refused
 *   consent_event_id the proof that allowed it
 *   open_pixel       whether this person agreed to having opens seen
 * Times are those of the statement, which must come after the people's rows were locked: the count of contacts has to
 * see what another campaign reserved while we waited. Only what the terms and the rules in force ask for is in it.
 */
export function gateCtes(sql: Sql | Tx, terms: StepTerms, moment: GateMoment): Fragment {
  const caps = capCtes(sql, terms, moment);
  const outranked = caps === null ? null : outrankedCtes(sql, terms, moment);
  const checks = channelChecks(sql, terms, moment.span);
  const deferrals = deferralsOf(sql, terms, moment, { capped: caps !== null, outranked: outranked !== null });
  const heldOut = heldOutSql(sql, moment.holdouts);
  const several = terms.channels.length > 1;
  const joined = several
    ? sql`on k.profile_id = q.profile_id and k.channel = q.channel`
    : sql`on k.profile_id = q.profile_id`;
  return sql`
  ${caps ?? sql``}
  ${outranked ?? sql``}
  ${openingCte(sql, moment)}
  choice as ${several ? sql`materialized` : sql`not materialized`} (${choices(sql, terms, moment)}),
  judged as materialized (
    select q.*, ${consentEvent(sql, terms)} as consent_event_id, ${checks.openPixel} as open_pixel,
      ${columns(deferrals, sql)}
      case
        when p.merged_into is not null then 'merged'
        -- Hashed once a batch: those whose other profile had this very message before the two were known to be one.
        when (q.step, q.profile_id) in (select h.step, h.profile_id from contacts h
          where h.campaign_id = ${terms.campaignId} and h.original_id is not null) then 'had-already'
        when q.channel <> q.in_doubt then 'in-doubt'
        ${several ? sql`when q.channel = any(q.tried) then 'channel-failed'` : sql``}
        ${stepRefusals(sql, terms)}
        ${checks.refusals}
        ${moment.stated && terms.topic !== null && terms.rule.consent !== null ? sql`when ${terms.topic} = any(pf.refused_topics) then 'topic-refused'` : sql``}
        ${terms.segment === null || 'everyone' in terms.segment ? sql`` : sql`when not ${ruleSql(sql, terms.segment, moment.now)} then 'left-segment'`}
        ${
          moment.offerless.length === 0
            ? sql``
            : sql`when (select m.persona from audience_members m where m.campaign_id = ${terms.campaignId} and m.profile_id = q.profile_id)
          = any(${[...moment.offerless]}::text[]) then 'offer-over'`
        }
        ${heldOut === null ? sql`` : sql`when ${heldOut} then 'holdout'`}
        ${moment.tooDear.length === 0 ? sql`` : sql`when q.channel = any(${[...moment.tooDear]}::text[]) and q.in_doubt is null then 'budget'`}
        when q.deadline_at <= statement_timestamp() then 'deadline'
      end as refusal
    from choice q
    join profiles p on p.id = q.profile_id and ${within(sql, sql`p.id`, moment.span)}
    ${checks.joins}
    ${moment.stated ? sql`left join preferences pf on pf.profile_id = q.profile_id` : sql``}
    ${caps === null ? sql`` : sql`left join capped k ${joined}`}
    ${outranked === null ? sql`` : several ? sql`left join outranked o on o.profile_id = q.profile_id and o.channel = q.channel` : sql`left join outranked o on o.profile_id = q.profile_id`}
    ${moment.openings.length === 0 ? sql`` : sql`left join opening w on w.profile_id = q.profile_id and w.channel = q.channel ${ofArmsMoment(sql, terms)}`}
  ),
  verdict as (${verdicts(sql, terms, deferrals)})`;
}

/** A row a person, or a row a person and channel where there is a choice. */
function choices(sql: Sql | Tx, terms: StepTerms, moment: GateMoment): Fragment {
  const [only] = terms.channels;
  if (terms.channels.length <= 1) return sql`select person.*, ${only ?? null}::text as channel from person`;
  // What somebody prefers comes first where the message may go that way; what failed before comes last.
  const preferred = moment.stated ? sql`when ch.channel = pf.preferred_channel then 0` : sql``;
  if (terms.armChannels !== null) {
    const place = sql`array_position(${ownChannels(sql, terms, terms.armChannels)}, ch.channel)`;
    return sql`
    select person.*, ch.channel, ${place} is not null as own,
      case when ch.channel = person.in_doubt then -1 when ch.channel = any(person.tried) then 100 + ${place} ${preferred} else ${place} end as choice
    from person cross join unnest(${[...terms.channels]}::text[]) as ch (channel)
    ${moment.stated ? sql`left join preferences pf on pf.profile_id = person.profile_id` : sql``}`;
  }
  return sql`
    select person.*, ch.channel,
      case when ch.channel = person.in_doubt then -1 when ch.channel = any(person.tried) then 100 + ch.n ${preferred} else ch.n end as choice
    from person cross join unnest(${[...terms.channels]}::text[]) with ordinality as ch (channel, n)
    ${moment.stated ? sql`left join preferences pf on pf.profile_id = person.profile_id` : sql``}`;
}

/** Of a test of channels: those of the person's arm; anybody else's, the control's too, are all of them. */
function ownChannels(sql: Sql | Tx, { channels }: StepTerms, arms: readonly ArmChannels[]): Fragment {
  const each = arms
    .map((arm) => sql` when ${arm.arm} then ${[...arm.channels]}::text[]`)
    .reduce((all, one) => sql`${all}${one}`, sql``);
  return sql`case person.arm${each} else ${[...channels]}::text[] end`;
}

/** Of a test of moments: which of a person's openings is their arm's. */
function ofArmsMoment(sql: Sql | Tx, { armMoments }: StepTerms): Fragment {
  if (armMoments.length === 0) return sql``;
  const each = armMoments
    .map(({ arm }, i) => sql` when ${arm} then ${i + 1}::int`)
    .reduce((all, one) => sql`${all}${one}`);
  return sql`and w.moment = case q.arm${each} else 0 end`;
}

/**
 * Of a test of channels: whether a first message could go to the person in every arm, by what their judged rows, one a
 * channel, say. Who could not is out whatever their arm is. What was tried already was compared when it was first judged.
 */
function inEveryArm(sql: Sql | Tx, arms: readonly ArmChannels[]): Fragment {
  const each = arms
    .map(
      ({ channels }) =>
        sql`coalesce(bool_or(g.refusal is null) filter (where g.channel = any(${[...channels]}::text[])) over (partition by g.profile_id), false)`,
    )
    .reduce((all, one) => sql`${all} and ${one}`);
  return sql`(g.tried is not null or g.in_doubt is not null or (${each}))`;
}

/** A moment someone is put off until, null where they are not, and its reason; over `q` and what is joined to it. */
interface Deferral {
  readonly name: string;
  readonly at: Fragment;
  /** Over `j`, the judged row. */
  readonly reason: Fragment;
  /** What the reason is made of, beside the moment. */
  readonly column?: Fragment;
}

function deferralsOf(
  sql: Sql | Tx,
  terms: StepTerms,
  moment: GateMoment,
  { capped, outranked }: { readonly capped: boolean; readonly outranked: boolean },
): Deferral[] {
  const deferrals: Deferral[] = stepDeferrals(sql, terms).map((deferral, i) => ({
    name: `step_${i}_at`,
    ...deferral,
  }));
  if (capped)
    deferrals.push({
      name: 'slot_at',
      at: sql`k.slot_at`,
      reason: sql`'cap:' || j.cap_key`,
      column: sql`k.key as cap_key,`,
    });
  if (outranked)
    deferrals.push({
      name: 'outranked_at',
      at: lookAgainAt(sql),
      reason: sql`case when j.outranked_at < j.deadline_at then 'arbitration:' else 'yielded:' end || j.rival`,
      column: sql`o.campaign_id as rival,`,
    });
  if (moment.openings.length > 0)
    deferrals.push({ name: 'opens_at', at: sql`w.at`, reason: sql`'quiet-hours'` });
  if (moment.stated && terms.rule.quietHours)
    deferrals.push({
      name: 'paused_at',
      at: sql`case when pf.paused_until > statement_timestamp() then pf.paused_until end`,
      reason: sql`'paused'`,
    });
  return deferrals;
}

/** Each moment under its name, and the latest of them as `wait_until`. */
function columns(deferrals: readonly Deferral[], sql: Sql | Tx): Fragment {
  const [first] = deferrals;
  if (first === undefined) return sql`null::timestamptz as wait_until,`;
  const each = deferrals
    .map((d) => sql`${d.column ?? sql``} ${d.at} as ${sql(d.name)},`)
    .reduce((all, one) => sql`${all} ${one}`);
  const all = deferrals.map((d) => d.at).reduce((left, right) => sql`${left}, ${right}`);
  return sql`${each} greatest(${all}) as wait_until,`;
}

/** Whoever is put off past the deadline is refused for what puts them off longest. */
function verdicts(
  sql: Sql | Tx,
  { channels, armChannels, ...terms }: StepTerms,
  deferrals: readonly Deferral[],
): Fragment {
  const compared = terms.inEveryArm && armChannels !== null;
  const refusal = compared
    ? sql`case when j.refusal is not null then j.refusal when not j.in_every_arm then 'not-in-every-arm' end`
    : sql`j.refusal`;
  const reasons = deferrals
    .map((d) => sql` when j.${sql(d.name)} = j.wait_until then ${d.reason}`)
    .reduce((all, one) => sql`${all}${one}`, sql``);
  const judged = sql`
    select j.*,
      case when ${refusal} is not null then ${refusal} ${reasons} end as reason,
      case when ${refusal} is null and j.wait_until < j.deadline_at then j.wait_until end as not_before
    from ${compared ? sql`(select g.*, ${inEveryArm(sql, armChannels)} as in_every_arm from judged g)` : sql`judged`} j
    ${armChannels === null ? sql`` : sql`where j.own`}`;
  if (channels.length <= 1) return judged;
  return sql`
    select distinct on (v.profile_id) v.* from (${judged}) v
    order by v.profile_id, v.reason is not null, v.not_before is null, v.not_before, v.choice`;
}

function openingCte(sql: Sql | Tx, { openings }: GateMoment): Fragment {
  if (openings.length === 0) return sql``;
  return sql`
  opening as materialized (
    select * from unnest(
      ${openings.map((o) => o.profileId)}::bigint[], ${openings.map((o) => o.channel)}::text[], ${openings.map((o) => o.at)}::timestamptz[],
      ${openings.map((o) => o.moment)}::int[]
    ) as w (profile_id, channel, at, moment)
  ),`;
}
