import { scenarioSchema, type Scenario } from '../domain/campaigns/scenario';
import { createDeliveryStore } from '../store/delivery-store';
import type { Bench, PreparedBench } from './bench';
import { benchDatabase, type BenchDatabase } from './database';
import { timed } from './run';

const CAMPAIGNS = ['a', 'b', 'c', 'd'].map((key) => `cbench${key}`);
const CAP = 2;
const WINDOW_DAYS = 14;
/** People of one claim; a wave takes so many where its providers know a message again. */
const BATCH = 5_000;
/** Each campaign's audience is a tenth of the people, the same ones for all. */
const SHARE = 10;

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
  channels: ['email'],
  audience: { segment: 'everybody', personas: ['gold'] },
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
  arms: [{ key: 'a', label: 'A', weight: 1 }],
  rollout: { observeSeconds: 1 },
  approval: {},
});

export const gateBench: Bench = {
  name: 'gate',
  workload: `n people with 3n past contacts, ${CAMPAIGNS.length} campaigns at once over the same n/${SHARE}: consent, suppression, reach, a cap of ${CAP} in ${WINDOW_DAYS} days, into ledger and contacts`,
  against: 'the same decisions by one hand-written SQL statement without locks, one campaign after the other',
  defaultN: 1_000_000,
  unit: 'per second',
  reach: { atLeast: 0.7 },
  prepare,
};

async function prepare(n: number, say: (words: string) => void): Promise<PreparedBench> {
  const database = await benchDatabase();
  try {
    say(`  loading ${n} people and ${3 * n} contacts`);
    await load(database, n);
  } catch (error) {
    await database.close();
    throw error;
  }
  const people = Math.floor(n / SHARE);
  const decisions = people * CAMPAIGNS.length;
  const seen: string[] = [];
  let note = '';
  const side = async (work: () => Promise<void>): Promise<number> => {
    await clean(database);
    const seconds = await timed(work);
    const outcome = await outcomeOf(database);
    seen.push(`${outcome.allowed} ${outcome.skipped}`);
    if (outcome.over > 0) throw new Error(`${outcome.over} people are over the cap`);
    if (new Set(seen).size > 1)
      throw new Error(`ours and the reference decided otherwise: ${seen.join(', ')}`);
    note = `${outcome.allowed} allowed, ${outcome.skipped} refused, nobody over the cap; both sides the same`;
    return decisions / seconds;
  };
  return {
    ours: () => side(() => throughGate(database)),
    reference: () => side(() => handWritten(database)),
    notes: () => [
      note,
      'the campaigns are not approved, so that they race for slots instead of leaving them to whoever ranks first',
    ],
    close: () => database.close(),
  };
}

async function load({ db, owner }: BenchDatabase, n: number): Promise<void> {
  await owner`
    insert into profiles (area, attributes, email_fp, source)
    select lpad((1 + mod(abs(hashint8(n)), 95))::text, 2, '0'), jsonb_build_object('loyalty_tier', 'gold', 'age', 18 + mod(n, 70)),
      case when mod(abs(hashint8(n + 5)), 20) > 0 then sha256(n::text::bytea) end, 'bench'
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
  // A quarter of them within the window; three natures, of which one counts. Half a day off the window's edge, so that
  // both sides find the same ones whenever they run.
  await owner`
    insert into contacts (profile_id, at, nature, channel, department, source)
    select 1 + mod(i, ${n}::bigint), now() - make_interval(days => mod(abs(hashint8(i)), 60)::int, hours => 12),
      (array['promotion', 'promotion', 'newsletter', 'service'])[1 + mod(abs(hashint8(i + 1)), 4)], 'email', 'crm', 'other'
    from generate_series(1::bigint, ${3 * n}::bigint) i`;
  await owner`
    insert into policies (kind, key, definition)
    values ('cap', 'promotion', ${JSON.stringify({ nature: 'promotion', limit: CAP, windowDays: WINDOW_DAYS })}::text::jsonb)`;
  await owner`insert into segments (key, version, name, rule, created_by) values ('everybody', 1, 'Everybody', '{"everyone": true}', 'bench')`;
  await owner`insert into live_segments (key, version, live_by) values ('everybody', 1, 'bench')`;
  const definition = JSON.stringify(SCENARIO);
  await owner`
    insert into scenarios (key, version, status, definition, created_by) values ('bench', 1, 'validated', ${definition}::text::jsonb, 'bench')`;
  const store = createDeliveryStore(db);
  for (const campaignId of CAMPAIGNS) {
    await owner`
      insert into campaigns (id, scenario_key, scenario_version, scenario, segment_version, seed, workflow_id, created_by)
      values (${campaignId}, 'bench', 1, ${definition}::text::jsonb, 1, 'bench', ${campaignId}, 'bench')`;
    await owner`
      insert into audience_members (campaign_id, profile_id, part, arm, persona, bucket)
      select ${campaignId}, n, 'test', 'a', 'gold', 0 from generate_series(1::bigint, ${n}::bigint, ${SHARE}) n`;
    await store.planWave({
      ...waveOf(campaignId),
      part: 'test',
      arm: null,
      buckets: { from: 0, to: 10_000 },
      shardSize: n,
    });
  }
  await owner`vacuum analyze`;
}

const waveOf = (campaignId: string) => ({ campaignId, step: 'first', wave: 'bench' });

/** The ledger empty, the past contacts as they were, and no checkpoint owed for what went before. */
async function clean({ owner }: BenchDatabase): Promise<void> {
  await owner`truncate deliveries`;
  await owner`delete from contacts where source = 'boucle'`;
  await owner`vacuum analyze contacts`;
  await owner`checkpoint`;
}

/** Every campaign on a connection of its own, all over the same people in the same order: the worst case for locks. */
async function throughGate({ db }: BenchDatabase): Promise<void> {
  const store = createDeliveryStore(db);
  await Promise.all(
    CAMPAIGNS.map(async (campaignId) => {
      const session = await store.openSession({ ...waveOf(campaignId), shard: 0 });
      if (session === null) throw new Error('the shard is taken');
      const terms = await store.waveTerms(waveOf(campaignId));
      for (let cursor = 0, looked = BATCH; looked === BATCH;)
        ({ looked, cursor } = await store.claim(session, {
          terms,
          deadlineAt: new Date(Date.now() + 3_600_000),
          source: 'new',
          range: { from: 0, to: Number.MAX_SAFE_INTEGER },
          cursor,
          limit: BATCH,
          creatives: [{ persona: 'gold', arm: 'a', channel: 'email', creativeId: 1 }],
        }));
      await session.close();
    }),
  );
}

/**
 * One campaign after the other, each one statement for everybody: nobody else writes, so nothing is locked. Each person's
 * contacts are counted by the index, which at a tenth of the people beats grouping all contacts.
 */
async function handWritten({ db }: BenchDatabase): Promise<void> {
  for (const campaignId of CAMPAIGNS) {
    await db.app.begin(async (tx) => {
      await tx`select set_config('work_mem', '128MB', true)`;
      await tx`
        with judged as materialized (
          select m.profile_id, m.arm, m.persona, c.event_id,
            coalesce(x.granted and (x.expires_at is null or x.expires_at > now()), false) as open_pixel,
            case
              when p.email_fp is null then 'unreachable'
              when exists (select from suppressions s where s.fingerprint = p.email_fp and s.scope in ('global', 'brand:maison')) then 'suppressed'
              when c.granted is distinct from true then 'no-consent'
              when c.expires_at <= now() then 'consent-expired'
              when 'email' = any(p.doubtful) then 'doubtful'
              when k.n >= ${CAP} then 'cap:promotion'
            end as reason
          from audience_members m
          join profiles p on p.id = m.profile_id
          left join consent_state c on c.profile_id = p.id and c.purpose = 'promotion' and c.channel = 'email'
          left join consent_state x on x.profile_id = p.id and x.purpose = 'email-open-tracking' and x.channel = 'email'
          left join lateral (
            select count(*) as n from contacts o
            where o.profile_id = p.id and o.nature = 'promotion' and o.at > now() - make_interval(days => ${WINDOW_DAYS})
          ) k on true
          where m.campaign_id = ${campaignId} and m.part = 'test'
        ),
        ledger as (
          insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, creative_id, state, reason, open_pixel,
            consent_event_id, settled_at)
          select ${campaignId}, 'first', profile_id, 'bench', arm, persona, 'email', 1,
            case when reason is null then 'claimed' else 'skipped' end, reason, open_pixel, event_id,
            case when reason is not null then now() end
          from judged order by profile_id
          returning profile_id, state
        )
        insert into contacts (profile_id, at, nature, channel, department, format, campaign_id, step)
        select profile_id, now(), 'promotion', 'email', 'crm', 'short', ${campaignId}, 'first' from ledger where state = 'claimed'`;
    });
  }
}

async function outcomeOf({
  owner,
}: BenchDatabase): Promise<{ allowed: number; skipped: number; over: number }> {
  const [row] = await owner<{ allowed: number; skipped: number; over: number }[]>`
    select count(*) filter (where state = 'claimed') as allowed, count(*) filter (where state = 'skipped') as skipped, (
      select count(*) from (
        select profile_id from contacts c
        where nature = 'promotion' and at > now() - make_interval(days => ${WINDOW_DAYS})
          and exists (select from contacts o where o.profile_id = c.profile_id and o.source = 'boucle' and o.nature = 'promotion')
        group by profile_id having count(*) > ${CAP}) o) as over
    from deliveries`;
  return row ?? { allowed: 0, skipped: 0, over: 0 };
}
