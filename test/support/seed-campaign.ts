import { scenarioSchema, type Scenario, type ScenarioInput } from '../../domain/campaigns/scenario';
import type { Nature, Part } from '../../domain/shared/words';
import { natureRule } from '../../domain/delivery/nature-rules';
import type { Db } from '../../store/db';

export interface SeedOptions {
  readonly campaignId?: string;
  /** How many people to make; or whom, of those already there. */
  readonly people?: number | readonly number[];
  readonly arms?: readonly { readonly key: string; readonly control?: boolean }[];
  readonly nature?: Nature;
  readonly part?: Part;
  readonly persona?: string;
  /** false: nobody has said yes to this nature. */
  readonly consent?: boolean;
  /** Share of people, from the first on, who agreed to having opens seen. */
  readonly openTracking?: number;
  readonly scenario?: Partial<ScenarioInput>;
}

export interface SeededCampaign {
  readonly campaignId: string;
  readonly step: 'first';
  readonly part: Part;
  readonly scenario: Scenario;
  readonly profileIds: readonly number[];
  readonly creatives: readonly {
    readonly creativeId: number;
    readonly persona: string;
    readonly arm: string;
    readonly channel: 'email';
    readonly subject: string;
    readonly html: string;
    readonly text: string;
    readonly links: readonly { readonly index: number; readonly url: string; readonly label: string }[];
  }[];
}

const MATRIX = 1;

/** People with an address in `identity`, reachable, who agreed to e-mail. Answers their ids in order. */
export async function seedPeople(db: Db, count: number): Promise<number[]> {
  const rows = await db.app<{ id: number }[]>`
    insert into profiles (market, area, locale, source, email_fp)
    select 'FR', (array['75', '13', '69'])[1 + n % 3], 'fr', 'seed', sha256(convert_to('seed' || n || clock_timestamp()::text, 'UTF8'))
    from generate_series(1, ${count}) n returning id`;
  const ids = rows.map((row) => row.id).sort((a, b) => a - b);
  await db.identity`
    insert into identity.people (profile_id, first_name, last_name, email, city)
    select id, 'Camille', 'Martin', 'p' || id || '@example.test', 'Lyon' from unnest(${ids}::bigint[]) id`;
  return ids;
}

/** One row of consent per person, with its event, as the consent store would leave it. */
export async function seedConsent(
  db: Db,
  profileIds: readonly number[],
  purpose: string,
  granted = true,
  expiresAt: Date | null = null,
): Promise<void> {
  await db.app`
    with said as (
      insert into consent_events (profile_id, purpose, channel, action, at, expires_at, source, recorded_by)
      select id, ${purpose}, 'email', ${granted ? 'granted' : 'refused'}, now() - interval '30 days', ${expiresAt}, 'seed', 'seed'
      from unnest(${[...profileIds]}::bigint[]) id returning id, profile_id, at, expires_at)
    insert into consent_state (profile_id, purpose, channel, granted, expires_at, event_id, at)
    select profile_id, ${purpose}, 'email', ${granted}, expires_at, id, at from said
    on conflict (profile_id, purpose, channel) do update
      set granted = excluded.granted, expires_at = excluded.expires_at, event_id = excluded.event_id, at = excluded.at`;
}

const arms = (given: NonNullable<SeedOptions['arms']>): ScenarioInput['arms'] =>
  given.map(({ key, control }) => ({ key, label: key, weight: 1, control: control ?? false }));

/**
 * A campaign ready to send: scenario, people, consent, a frozen audience with everybody in one part, and one approved
 * creative per arm that sends. Arms go round robin in the order given, buckets likewise.
 */
export async function seedCampaign(db: Db, options: SeedOptions = {}): Promise<SeededCampaign> {
  const campaignId = options.campaignId ?? 'cseedaaaaaaa';
  const nature = options.nature ?? 'promotion';
  const part = options.part ?? 'test';
  const persona = options.persona ?? 'habitues';
  const armList = options.arms ?? [{ key: 'a' }];
  const profileIds =
    typeof options.people === 'object' ? [...options.people] : await seedPeople(db, options.people ?? 20);
  const scenario = scenarioSchema.parse({
    key: `seed-${campaignId}`,
    name: 'Graines',
    owner: 'alice',
    department: 'crm',
    brand: 'maison-lumen',
    objective: 'Mesurer',
    hypothesis: 'Un message suffit',
    primaryMetric: { event: 'visit', windowSeconds: 60 },
    northStar: 'revenue',
    nature,
    audience: { segment: 'tous', personas: [persona] },
    content: {
      subject: 'Bonjour',
      preheader: 'Une idée',
      headline: 'Bonjour',
      body: 'Bonjour à vous',
      ctaLabel: 'Voir',
      ctaUrl: 'https://example.test/voir',
      heroAlt: 'Une lampe',
      heroPalette: 'warm',
    },
    arms: arms(armList),
    rollout: { waves: [1], observeSeconds: 1 },
    approval: {},
    ...options.scenario,
  });
  await db.app`
    insert into scenarios (key, version, status, definition, created_by)
    values (${scenario.key}, 1, 'validated', ${db.app.json(JSON.parse(JSON.stringify(scenario)))}, 'alice') on conflict do nothing`;
  await db.app`
    insert into campaigns (id, scenario_key, scenario_version, scenario, matrix_version, seed, workflow_id, created_by)
    values (${campaignId}, ${scenario.key}, 1, ${db.app.json(JSON.parse(JSON.stringify(scenario)))}, ${MATRIX}, 'seed', ${`campaign.${campaignId}`}, 'alice')`;

  const purpose = natureRule(nature).consent?.purpose;
  if (purpose !== undefined && options.consent !== false) await seedConsent(db, profileIds, purpose);
  const tracked = profileIds.slice(0, Math.round(profileIds.length * (options.openTracking ?? 0)));
  if (tracked.length > 0) await seedConsent(db, tracked, 'email-open-tracking');

  await db.app`
    insert into audience_members (campaign_id, profile_id, part, arm, persona, bucket)
    select ${campaignId}, id, ${part}, case when ${part} = 'rollout' then null else (${armList.map((arm) => arm.key)}::text[])[1 + (n - 1) % ${armList.length}::int] end,
      ${persona}, (n - 1) * 10000 / ${profileIds.length}
    from unnest(${profileIds}::bigint[]) with ordinality as p (id, n)`;

  const creatives = [];
  for (const arm of scenario.arms.filter((a) => !a.control)) {
    const links = [
      { index: 0, url: `https://example.test/voir?arm=${arm.key}`, label: 'Voir' },
      { index: 1, url: 'https://example.test/aide', label: 'Aide' },
    ];
    const message = {
      subject: `Bonjour ${arm.key}`,
      html: `<p>Bonjour</p><a href="[[0]]">Voir</a> <a href="[[1]]">Aide</a> <a href="[[unsubscribe]]">Se désinscrire</a>[[pixel]]`,
      text: `Bonjour\nVoir : [[0]]\nSe désinscrire : [[unsubscribe]]\n`,
    };
    const [row] = await db.app<{ id: number }[]>`
      insert into creatives (campaign_id, step, persona, arm, channel, locale, hash, subject, preheader, html, text, hero, links, status)
      values (${campaignId}, 'first', ${persona}, ${arm.key}, 'email', 'fr', ${`hash-${arm.key}`}, ${message.subject}, 'Une idée',
        ${message.html}, ${message.text}, 'hero', ${db.app.json(links)}, 'passed') returning id`;
    if (row !== undefined)
      creatives.push({
        creativeId: row.id,
        persona,
        arm: arm.key,
        channel: 'email' as const,
        links,
        ...message,
      });
  }
  return { campaignId, step: 'first', part, scenario, profileIds, creatives };
}
