import type { ScenarioInput } from '../../domain/campaigns/scenario';
import type { Sql } from '../../store/db';
import { putMatrix } from './matrix';
import { putLive } from './segments';

/** A whole scenario for tests of audiences; what a test is about, it changes. */
export const scenario = (change: Partial<ScenarioInput> = {}): ScenarioInput => ({
  key: 'relance',
  name: 'Relance de printemps',
  owner: 'anne',
  department: 'crm',
  brand: 'maison',
  objective: 'Faire revenir',
  hypothesis: 'Une offre fait revenir',
  primaryMetric: { event: 'visit', windowSeconds: 60 },
  northStar: 'Clients actifs',
  nature: 'promotion',
  audience: {
    segment: 'buyers',
    personas: ['gold', 'young'],
    holdout: { share: 0.05, salt: 'holdout-2026' },
  },
  content: {
    subject: 'Bonjour',
    preheader: 'Une offre',
    headline: 'Bonjour',
    body: 'Bonjour',
    ctaLabel: 'Voir',
    ctaUrl: 'https://maison.example/offre',
    heroAlt: 'Une table dressée',
    heroPalette: 'warm',
  },
  arms: [
    { key: 'control', label: 'Rien', weight: 1, control: true },
    { key: 'a', label: 'A', weight: 1, baseline: true },
    { key: 'b', label: 'B', weight: 2 },
  ],
  pilot: { area: '75', observeSeconds: 1 },
  experiment: { testShare: 0.3 },
  rollout: { observeSeconds: 1 },
  approval: {},
  ...change,
});

/** Segments `buyers`, `gold`, `young` and a matrix of the latter two. */
export async function putSegments(sql: Sql): Promise<void> {
  await putLive(sql, 'buyers', { attribute: 'spend_cents', op: 'gt', value: 0 });
  await putLive(sql, 'gold', { attribute: 'tier', op: 'eq', value: 'gold' });
  await putLive(sql, 'young', { attribute: 'age', op: 'lt', value: 60 });
  await putMatrix(
    sql,
    [
      'segment_id,value_tier,behavior_cluster,state,key_message,visual_guideline,offer_code',
      'gold,high,regular,active,Merci,chaud,P10',
      'young,low,rare,new,Bonjour,frais,P5',
    ].join('\n'),
  );
}

/**
 * People whose traits follow from their number by hash, the same in every database: areas, attributes, consents (some
 * expired, refused or never given), addresses (some missing, suppressed or doubtful). `reversed` puts them in from the
 * last to the first.
 */
export async function insertPeople(sql: Sql, n: number, reversed = false): Promise<void> {
  await sql`
    insert into profiles (id, area, attributes, email_fp, doubtful, source) overriding system value
    select n, (array['75', '69', '13', '2A', '974'])[1 + mod(abs(hashint8(n)), 5)],
      jsonb_build_object('spend_cents', mod(abs(hashint8(n + 1)), 10) * 1000,
        'tier', (array['gold', 'silver', 'none'])[1 + mod(abs(hashint8(n + 2)), 3)], 'age', 18 + mod(abs(hashint8(n + 3)), 70)),
      case when mod(abs(hashint8(n + 4)), 20) > 0 then decode(lpad(to_hex(n), 64, '0'), 'hex') end,
      case when mod(abs(hashint8(n + 5)), 50) = 0 then '{email}' else '{}' end::text[], 'test'
    from (select n::bigint from generate_series(1, ${n}::int) n order by case when ${reversed} then -n else n end) x`;
  await sql`
    insert into consent_state (profile_id, purpose, channel, granted, expires_at, event_id, at)
    select n, 'promotion', 'email', mod(abs(hashint8(n + 6)), 10) > 0,
      case when mod(abs(hashint8(n + 7)), 10) = 0 then timestamptz '2020-01-01' when mod(abs(hashint8(n + 7)), 10) = 1 then timestamptz '2120-01-01' end,
      n, timestamptz '2019-01-01'
    from generate_series(1::bigint, ${n}::bigint) n where mod(abs(hashint8(n + 8)), 20) > 0`;
  await sql`
    insert into suppressions (fingerprint, scope, reason)
    select decode(lpad(to_hex(n), 64, '0'), 'hex'), scope, 'complaint'
    from generate_series(1::bigint, ${n}::bigint) n, unnest(array['global', 'brand:maison', 'brand:other']) scope
    where mod(abs(hashint8(n + 9)), 30) = array_position(array['global', 'brand:maison', 'brand:other'], scope)
      or (scope = 'global' and mod(abs(hashint8(n + 9)), 30) = 2)`;
  await sql`analyze`.catch(() => undefined);
}

/** A campaign of the scenario, straight into its tables. */
export async function putCampaign(sql: Sql, id: string, definition: unknown, seed = 'seed'): Promise<void> {
  const json = JSON.stringify(definition);
  await sql`
    insert into scenarios (key, version, status, definition, created_by) values ('relance', 1, 'validated', ${json}::text::jsonb, 'anne')
    on conflict do nothing`;
  await sql`
    insert into campaigns (id, scenario_key, scenario_version, scenario, seed, workflow_id, created_by)
    values (${id}, 'relance', 1, ${json}::text::jsonb, ${seed}, ${'campaign.' + id}, 'anne')`;
}
