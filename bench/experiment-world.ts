import { scenarioSchema, type Scenario } from '../domain/campaigns/scenario';
import type { BenchDatabase } from './database';

export const CAMPAIGN = 'cbenchexperi';
export const METRIC = 'visit';
export const WINDOW_SECONDS = 604_800;
const SENT_ARMS = ['a', 'b', 'c', 'd'];

const SCENARIO: Scenario = scenarioSchema.parse({
  key: 'bench',
  name: 'Bench',
  owner: 'bench',
  department: 'crm',
  brand: 'maison',
  objective: 'o',
  hypothesis: 'h',
  primaryMetric: { event: METRIC, windowSeconds: WINDOW_SECONDS },
  northStar: 'n',
  nature: 'promotion',
  audience: { segment: 'buyers', personas: ['gold', 'young', 'others'] },
  content: {
    subject: 's',
    preheader: 'p',
    headline: 'h',
    body: 'b',
    ctaLabel: 'c',
    ctaUrl: 'https://maison.example/',
    heroAlt: 'a',
    heroPalette: 'warm',
  },
  arms: [
    { key: 'control', label: 'Control', weight: 1, control: true },
    ...SENT_ARMS.map((key) => ({ key, label: key.toUpperCase(), weight: 1 })),
  ],
  experiment: { testShare: 1, minPerArm: 1 },
  rollout: { observeSeconds: 1 },
  approval: {},
});

/**
 * `n` deliveries of a test's one wave in four arms, a quarter as many people of the control, and their events: the metric's
 * before the test, within the window of 6 to 14 % by arm, some of them several times, and after it; what the messages
 * brought. One in five hundred is merged into somebody the test does not know. Everything lies where time put it.
 */
export async function loadTest({ owner }: BenchDatabase, n: number): Promise<void> {
  const people = n + Math.floor(n / 4);
  // Triggers keep up what no evaluation reads.
  await owner`alter table profiles disable trigger user`;
  await owner`alter table events disable trigger user`;
  await owner`
    insert into profiles (area, email_fp, source)
    select '75', sha256(i::text::bytea), 'bench' from generate_series(1::bigint, ${people + Math.floor(people / 499)}::bigint) i`;
  await owner`
    update profiles set merged_into = ${people}::bigint + id / 499 where id <= ${people} and mod(id, 499) = 0`;
  const definition = JSON.stringify(SCENARIO);
  await owner`
    insert into scenarios (key, version, status, definition, created_by)
    values ('bench', 1, 'validated', ${definition}::text::jsonb, 'bench')`;
  await owner`
    insert into campaigns (id, scenario_key, scenario_version, scenario, seed, workflow_id, created_by)
    values (${CAMPAIGN}, 'bench', 1, ${definition}::text::jsonb, 'bench', 'bench', 'bench')`;
  await owner`
    insert into audience_members (campaign_id, profile_id, part, arm, persona, bucket)
    select ${CAMPAIGN}, i, 'test', (${['control', ...SENT_ARMS]}::text[])[1 + mod(i, 5)],
      (array['gold', 'young', 'others'])[1 + mod(abs(hashint8(i)), 3)], mod(i, 10000)
    from generate_series(1::bigint, ${people}::bigint) i`;
  await owner`
    insert into waves (campaign_id, step, wave, part, planned, withheld, started_at, ended_at)
    values (${CAMPAIGN}, 'first', 'test', 'test', ${n}, ${people - n}, now() - interval '20 days', now() - interval '19 days')`;
  // Ten hours, whatever n is.
  await owner`
    insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, creative_id, state, reason,
      consent_event_id, attempts, gated_at, settled_at, provider_id)
    select campaign_id, 'first', profile_id, 'test', arm, persona, 'email', 1,
      case when h < 92 then 'accepted' when h < 95 then 'failed' when h < 96 then 'uncertain' else 'skipped' end,
      case when h >= 96 then 'no-consent' end, profile_id, 1, t, t + interval '1 second', '<' || profile_id || '@bench.test>'
    from audience_members, mod(abs(hashint8(profile_id + 1)), 100) h,
      lateral (select now() - interval '20 days' + interval '10 hours' * (profile_id / ${people}::float8) as t) gated
    where arm <> 'control' order by profile_id`;
  await owner`
    insert into control_gate (campaign_id, step, profile_id, wave, arm, persona, allowed, reason, gated_at)
    select campaign_id, 'first', profile_id, 'test', arm, persona, h < 96, case when h >= 96 then 'no-consent' end,
      now() - interval '20 days' + interval '10 hours' * (profile_id / ${people}::float8)
    from audience_members, mod(abs(hashint8(profile_id + 1)), 100) h
    where arm = 'control' order by profile_id`;
  await loadEvents(owner, people);
  await owner`alter table profiles enable trigger user`;
  await owner`alter table events enable trigger user`;
  await owner`vacuum analyze`;
}

async function loadEvents(owner: BenchDatabase['owner'], people: number): Promise<void> {
  // In the year before, by half of all; then up to three each, over the four weeks that begin a week before the gate.
  await owner`
    insert into events (id, profile_id, type, at, received_at)
    select 'v' || row_number() over (order by at), coalesce(p.merged_into, p.id), ${METRIC}, at, at
    from (
      select id, merged_into, now() - interval '30 days' - interval '1 year' * mod(abs(hashint8(id + 2)), 1000000) / 1e6 as at
      from profiles where mod(abs(hashint8(id + 3)), 2) = 0
      union all
      select id, merged_into, now() - interval '27 days' + interval '27 days' * mod(abs(hashint8(id + 10 * k)), 1000000) / 1e6
      from profiles, generate_series(1, 3) k where mod(abs(hashint8(id + 100 * k)), 100) < 8 + 2 * mod(id, 5)
    ) p where p.id <= ${people} order by at`;
  await owner`
    insert into events (id, profile_id, type, at, received_at, campaign_id, delivery_id)
    select type || '.' || d.id, coalesce(p.merged_into, d.profile_id), type, at, at, d.campaign_id, d.id
    from deliveries d join profiles p on p.id = d.profile_id
    cross join (values ('message.opened', 250), ('message.unsubscribed', 4), ('message.complained', 1)) kind (type, per_mille),
      lateral (select d.gated_at + interval '2 days' * mod(abs(hashint8(d.id + per_mille)), 1000) / 1e3 as at) happened
    where d.state = 'accepted' and mod(abs(hashint8(d.id * 3 + per_mille)), 1000) < per_mille order by at`;
}
