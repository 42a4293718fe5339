import { scenarioSchema, type Scenario } from '../domain/campaigns/scenario';
import { createAudienceStore } from '../store/audience-store';
import { putMatrix } from '../test/support/matrix';
import { putLive } from '../test/support/segments';
import type { Bench, PreparedBench } from './bench';
import { benchDatabase, type BenchDatabase } from './database';
import { timed } from './run';

const SEED = 'bench';

const SCENARIO: Scenario = scenarioSchema.parse({
  key: 'bench',
  name: 'Bench',
  owner: 'bench',
  department: 'crm',
  brand: 'maison',
  objective: 'o',
  hypothesis: 'h',
  primaryMetric: { event: 'visit', windowSeconds: 60 },
  northStar: 'n',
  nature: 'promotion',
  audience: {
    segment: 'buyers',
    personas: ['gold', 'young', 'others'],
    holdout: { share: 0.05, salt: 'holdout' },
  },
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
    { key: 'a', label: 'A', weight: 1 },
    { key: 'b', label: 'B', weight: 1 },
  ],
  pilot: { area: '69', observeSeconds: 1 },
  experiment: { testShare: 0.3 },
  rollout: { observeSeconds: 1 },
  approval: {},
});

export const audienceBench: Bench = {
  name: 'audience',
  workload:
    'freeze the audience of n profiles: rules, consent, suppression, personas, holdout, pilot area, arms, and the waterfall by reason',
  against: 'one hand-written insert … select doing the same',
  defaultN: 1_000_000,
  unit: 'seconds',
  reach: { atMost: 0.8 },
  prepare,
};

async function prepare(n: number, say: (words: string) => void): Promise<PreparedBench> {
  const database = await benchDatabase();
  try {
    say(`  loading ${n} profiles`);
    await load(database, n);
  } catch (error) {
    await database.close();
    throw error;
  }
  const audiences = createAudienceStore(database.db);
  let round = 0;
  let members = 0;
  /** The same empty table for both, and no checkpoint owed for what went before. */
  const clean = async (): Promise<string> => {
    round += 1;
    await database.owner`truncate audience_members`;
    await database.owner`checkpoint`;
    await putCampaign(database, `c${round}`);
    return `c${round}`;
  };
  const fingerprints: string[] = [];
  const remember = async (): Promise<void> => {
    fingerprints.push(await fingerprint(database));
    if (new Set(fingerprints).size > 1)
      throw new Error('ours and the reference did not freeze the same audience');
  };
  return {
    ours: async () => {
      const campaign = await clean();
      const seconds = await timed(async () => {
        members = (await audiences.freeze(campaign)).members;
      });
      await remember();
      return seconds;
    },
    reference: async () => {
      const campaign = await clean();
      const seconds = await timed(() => handWritten(database, campaign));
      await remember();
      return seconds;
    },
    notes: () => [`${members} members of ${n} profiles; both sides wrote the same rows`],
    close: () => database.close(),
  };
}

async function load({ db, owner }: BenchDatabase, n: number): Promise<void> {
  await owner`
    insert into profiles (area, attributes, email_fp, phone_fp, doubtful, source)
    select lpad((1 + mod(abs(hashint8(n)), 95))::text, 2, '0'),
      jsonb_build_object('past_year_spend_cents', mod(abs(hashint8(n + 1)), 10) * 1000, 'recency_months', mod(abs(hashint8(n + 2)), 12),
        'loyalty_tier', (array['gold', 'silver', 'none'])[1 + mod(abs(hashint8(n + 3)), 3)], 'age', 18 + mod(abs(hashint8(n + 4)), 70),
        'newbie', mod(n, 2) = 0, 'purchase_channel', 'Web'),
      case when mod(abs(hashint8(n + 5)), 20) > 0 then sha256(n::text::bytea) end, null,
      case when mod(abs(hashint8(n + 6)), 50) = 0 then '{email}' else '{}' end::text[], 'bench'
    from generate_series(1::bigint, ${n}::bigint) n`;
  await owner`
    insert into consent_state (profile_id, purpose, channel, granted, expires_at, event_id, at)
    select n, purpose, 'email', mod(abs(hashint8(n + 7)), 10) > 0,
      case when mod(abs(hashint8(n + 8)), 20) = 0 then now() - interval '1 year' else now() + interval '1 year' end, n, now() - interval '2 years'
    from generate_series(1::bigint, ${n}::bigint) n, unnest(array['promotion', 'email-open-tracking']) purpose
    where mod(abs(hashint8(n + 9)), 20) > 0`;
  await owner`
    insert into suppressions (fingerprint, scope, reason)
    select sha256(n::text::bytea), 'global', 'hard-bounce' from generate_series(1::bigint, ${n}::bigint, 100) n`;
  await owner`vacuum analyze`;
  const attribute = (name: string, op: string, value: string | number): object => ({
    attribute: name,
    op,
    value,
  });
  await putLive(db.app, 'buyers', {
    all: [attribute('past_year_spend_cents', 'gt', 0), attribute('recency_months', 'lte', 11)],
  });
  await putLive(db.app, 'gold', attribute('loyalty_tier', 'eq', 'gold'));
  await putLive(db.app, 'young', attribute('age', 'lt', 60));
  await putLive(db.app, 'others', attribute('age', 'lt', 85));
  const rows = ['gold', 'young', 'others'].map((id) => `${id},v,b,s,m,g,o`);
  await putMatrix(
    db.app,
    ['segment_id,value_tier,behavior_cluster,state,key_message,visual_guideline,offer_code', ...rows].join(
      '\n',
    ),
  );
}

async function putCampaign({ owner }: BenchDatabase, id: string): Promise<void> {
  const definition = JSON.stringify(SCENARIO);
  await owner`
    insert into scenarios (key, version, status, definition, created_by)
    values ('bench', 1, 'validated', ${definition}::text::jsonb, 'bench') on conflict do nothing`;
  await owner`
    insert into campaigns (id, scenario_key, scenario_version, scenario, seed, workflow_id, created_by)
    values (${id}, 'bench', 1, ${definition}::text::jsonb, ${SEED}, ${id}, 'bench')`;
}

/** Equal for equal members, parts, arms, personas and buckets. */
async function fingerprint({ owner }: BenchDatabase): Promise<string> {
  const [row] = await owner<{ hash: string }[]>`
    select count(*) || ' ' || sum(hashtextextended(profile_id || part || coalesce(arm, '-') || persona || bucket, 0)::numeric) as hash
    from audience_members`;
  return row?.hash ?? '';
}

/** As one would write it by hand for this one campaign: one pass, everything in place, the same transaction's counts. */
async function handWritten({ db }: BenchDatabase, campaign: string): Promise<void> {
  await db.app.begin(async (tx) => {
    await tx`select set_config('work_mem', '128MB', true)`;
    await tx`
      with considered as materialized (
        select p.id,
          case
            when p.email_fp is null then 'unreachable'
            when exists (select from suppressions s where s.fingerprint = p.email_fp and s.scope in ('global', 'brand:maison')) then 'suppressed'
            when c.granted is distinct from true then 'no-consent'
            when c.expires_at <= now() then 'consent-expired'
            when 'email' = any(p.doubtful) then 'doubtful'
            when p.attributes ->> 'loyalty_tier' is distinct from 'gold' and (p.attributes ->> 'age')::numeric >= 85 then 'no-persona'
            when ('x' || substr(encode(sha256(convert_to('holdout' || chr(31) || p.id, 'UTF8')), 'hex'), 1, 13))::bit(52)::bigint / 4503599627370496.0::float8 < 0.05 then 'holdout'
          end as reason,
          case when p.attributes ->> 'loyalty_tier' = 'gold' then 'gold' when (p.attributes ->> 'age')::numeric < 60 then 'young' else 'others' end as persona,
          case
            when p.area = '69' then 'pilot'
            when ('x' || substr(encode(sha256(convert_to('bench.part' || chr(31) || p.id, 'UTF8')), 'hex'), 1, 13))::bit(52)::bigint / 4503599627370496.0::float8 < 0.3 then 'test'
            else 'rollout'
          end as part,
          ('x' || substr(encode(sha256(convert_to('bench.arm' || chr(31) || p.id, 'UTF8')), 'hex'), 1, 13))::bit(52)::bigint / 4503599627370496.0::float8 as arm_hash,
          floor(('x' || substr(encode(sha256(convert_to('bench.bucket' || chr(31) || p.id, 'UTF8')), 'hex'), 1, 13))::bit(52)::bigint / 4503599627370496.0::float8 * 10000)::int as bucket
        from profiles p
        left join consent_state c on c.profile_id = p.id and c.purpose = 'promotion' and c.channel = 'email'
        where (p.attributes ->> 'past_year_spend_cents')::numeric > 0 and (p.attributes ->> 'recency_months')::numeric <= 11
      ), inserted as (
        insert into audience_members (campaign_id, profile_id, part, arm, persona, bucket)
        select ${campaign}, id, part,
          case when part = 'rollout' then null when arm_hash < 1 / 3.0::float8 then 'control' when arm_hash < 2 / 3.0::float8 then 'a' else 'b' end,
          persona, bucket
        from considered where reason is null
      )
      select reason, part, count(*) from considered group by 1, 2`;
  });
}
