import { scenarioSchema } from '../../../domain/campaigns/scenario';
import { exclusionSalt } from '../../../domain/experiments/exclusion';
import { assignmentHash } from '../../../store/assignment';
import { createAudienceStore } from '../../../store/audience-store';
import { takePart, takenWords } from '../../../store/exclusion-groups';
import { createExperimentsStore } from '../../../store/experiments-store';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { insertPeople, putCampaign, putSegments, scenario } from '../../support/people';
import { seedCampaign, seedPeople } from '../../support/seed-campaign';
import { recordControl, recordEvent, recordWave } from './test-wave';

const arms = [
  { key: 'a', label: 'A', weight: 1 },
  { key: 'none', label: 'None', weight: 1, control: true },
];
const part = (from: number, to: number) => ({ group: 'spring', from, to });

describe('exclusion groups', () => {
  let database: FreshDatabase;
  beforeAll(async () => {
    database = await freshDatabase(6);
    await putSegments(database.db.app);
    await insertPeople(database.db.app, 3_000);
  });
  afterAll(() => database.close());

  const put = async (id: string, exclusion: object | undefined, seed = id) => {
    const definition = scenarioSchema.parse(
      scenario({
        audience: { segment: 'buyers', personas: ['gold'], fallbackPersona: 'young' },
        pilot: { area: '75', observeSeconds: 60 },
        arms,
        experiment: { testShare: 0.6, ...(exclusion === undefined ? {} : { exclusion: exclusion as never }) },
      }),
    );
    await putCampaign(database.db.app, id, definition, seed);
    return definition;
  };
  const members = (id: string) => database.db.app<{ id: number; part: string; arm: string | null }[]>`
      select profile_id as id, part, arm from audience_members where campaign_id = ${id} order by profile_id`;

  test('tests that name other parts share nobody, in pilot and test; who is outside waits for the roll-out', async () => {
    const audiences = createAudienceStore(database.db);
    for (const [id, exclusion] of [
      ['cpart0000001', part(0, 0.4)],
      ['cpart0000002', part(0.4, 1)],
      ['cpart0000003', undefined],
    ] as const) {
      await put(id, exclusion, 'one seed');
      await audiences.freeze(id);
    }
    const [low, high, whole] = [
      await members('cpart0000001'),
      await members('cpart0000002'),
      await members('cpart0000003'),
    ];
    const inTest = (rows: typeof low): number[] =>
      rows.filter((one) => one.part !== 'rollout').map(({ id }) => id);
    const lowTest = new Set(inTest(low));
    expect(inTest(high).filter((id) => lowTest.has(id))).toEqual([]);
    expect(lowTest.size).toBeGreaterThan(100);
    // Nobody is lost: together they are whom one test without a group would have had, in the same arms.
    expect([...inTest(low), ...inTest(high)].sort((a, b) => a - b)).toEqual(inTest(whole));
    expect(low.map(({ id }) => id)).toEqual(whole.map(({ id }) => id));
    const armOf = new Map(whole.map((one) => [one.id, one.arm]));
    for (const one of low) {
      const place = assignmentHash(exclusionSalt('spring'), one.id);
      if (one.part !== 'rollout') expect([place < 0.4, one.arm]).toEqual([true, armOf.get(one.id)]);
    }
    await database.db.app`update campaigns set "end" = 'completed'`;
  });

  test('a part is held until its campaign ends, by one of two that ask at once', async () => {
    const sql = database.db.app;
    await put('cheld0000001', part(0, 0.5));
    await put('cheld0000002', part(0.3, 0.6));
    await put('cheld0000003', part(0.5, 1));
    await sql`update campaigns set "end" = 'aborted' where id in ('cheld0000002', 'cheld0000003')`;
    const take = (id: string, exclusion: ReturnType<typeof part>) =>
      sql.begin(async (tx) => {
        await tx`update campaigns set "end" = null where id = ${id}`;
        await takePart(tx, exclusion, id);
      });
    await expect(take('cheld0000002', part(0.3, 0.6))).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('cheld0000001 (0 to 0.5)'),
      faults: [{ path: '/experiment/exclusion' }],
    });
    expect(await takenWords(sql, part(0.4, 0.41))).toContain('cheld0000001');
    expect(await takenWords(sql, part(0.5, 0.6))).toBeNull();
    expect(await takenWords(sql, { ...part(0, 1), group: 'autumn' })).toBeNull();
    await take('cheld0000003', part(0.5, 1));
    await sql`update campaigns set "end" = 'completed' where id = 'cheld0000001'`;
    await expect(take('cheld0000002', part(0.3, 0.6))).rejects.toMatchObject({ code: 'conflict' });
    await sql`update campaigns set "end" = 'completed' where id = 'cheld0000003'`;

    await put('crace0000001', part(0, 0.5));
    await put('crace0000002', part(0.2, 0.6));
    await sql`update campaigns set "end" = 'aborted' where id like 'crace%'`;
    const both = await Promise.allSettled([
      take('crace0000001', part(0, 0.5)),
      take('crace0000002', part(0.2, 0.6)),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});

test.each<[string, object]>([
  ['as it comes', {}],
  ['dealt within strata', { experiment: { stratifyBy: ['area'] } }],
  ['beside a limited pilot', { pilot: { maxPeople: 60 } }],
])('who is in a part of a group stays so in another order and among more people: %s', async (_, more) => {
  const { experiment = {}, pilot = {} } = more as { experiment?: object; pilot?: object };
  const frozen = async (people: number, reversed: boolean, lanesFrom?: number) => {
    const database = await freshDatabase(4);
    const sql = database.db.app;
    await putSegments(sql);
    await insertPeople(sql, people, reversed);
    const ids = [part(0, 0.4), part(0.4, 1)].map((exclusion, i) => ({ id: `cpart000000${i}`, exclusion }));
    for (const { id, exclusion } of ids) {
      const definition = scenarioSchema.parse(
        scenario({
          audience: { segment: 'buyers', personas: ['gold'], fallbackPersona: 'young' },
          pilot: { area: '75', observeSeconds: 60, ...pilot },
          arms,
          experiment: { testShare: 0.6, exclusion, ...experiment },
        }),
      );
      await putCampaign(sql, id, definition, id);
      await createAudienceStore(database.db, lanesFrom).freeze(id);
    }
    const rows = await sql<{ campaign: string; id: number; part: string }[]>`
      select campaign_id as campaign, profile_id as id, part from audience_members order by 1, 2`;
    await database.close();
    return rows.filter((row) => row.part !== 'rollout');
  };
  const first = await frozen(1_500, false);
  const places = new Map<number, string>();
  for (const { id, campaign } of first) {
    expect(places.has(id)).toBe(false);
    places.set(id, campaign);
    const below = assignmentHash(exclusionSalt('spring'), id) < 0.4;
    expect([id, campaign]).toEqual([id, below ? 'cpart0000000' : 'cpart0000001']);
  }
  expect(new Set(first.map((row) => `${row.campaign} ${row.part}`)).size).toBe(4);
  expect(await frozen(1_500, true, 0)).toEqual(first);
  const extended = await frozen(2_500, true);
  expect(new Set(extended.map(({ id }) => id)).size).toBe(extended.length);
  for (const { id, campaign } of extended) expect([id, places.get(id) ?? campaign]).toEqual([id, campaign]);
  if (!('maxPeople' in pilot)) expect(extended.filter(({ id }) => id <= 1_500)).toEqual(first);
});

test('people of two tests are crossed by their arms in both, and their event counted in their own window', async () => {
  const database = await freshDatabase(4);
  const { db } = database;
  const people = await seedPeople(db, 40);
  const GATED = '2026-06-01T08:00:00Z';
  const soon = (seconds: number): string => new Date(Date.parse(GATED) + seconds * 1_000).toISOString();
  const run = async (campaignId: string, among: readonly number[], sends: (i: number) => boolean) => {
    await seedCampaign(db, {
      campaignId,
      people: [...among],
      arms,
      scenario: { experiment: { testShare: 1 }, name: campaignId },
    });
    const wave = { campaignId, wave: 'test', part: 'test' };
    await recordWave(
      db,
      wave,
      among
        .filter((_, i) => sends(i))
        .map((profileId, i) => ({ profileId, arm: 'a', state: i === 0 ? 'skipped' : 'accepted' })),
      GATED,
    );
    await recordControl(
      db,
      wave,
      among.filter((_, i) => !sends(i)).map((profileId) => ({ profileId, arm: 'none', allowed: true })),
      GATED,
    );
    await db.app`update waves set started_at = ${GATED}, ended_at = ${GATED} where campaign_id = ${campaignId}`;
  };
  await run('cown00000001', people, (i) => i % 2 === 0);
  await run('cother000001', people.slice(20), (i) => i < 10);
  await run('clonger00001', people, () => true);
  await db.app`update waves set started_at = '2026-05-01', ended_at = '2026-05-01' where campaign_id = 'clonger00001'`;
  for (const person of people.slice(20, 26))
    await recordEvent(db, { profileId: person, type: 'visit', at: soon(30) });
  await recordEvent(db, { profileId: people[39] ?? 0, type: 'visit', at: soon(61) });
  const store = createExperimentsStore(db.app);
  const definition = await store.scenario('cown00000001');
  const final = await store.countInputs('cown00000001', definition, 1);
  expect(final.concurrent).toEqual([
    {
      campaignId: 'cother000001',
      name: 'cother000001',
      // Of the other's first ten the first was refused; nobody sent to twice, ten and ten otherwise.
      cells: [
        { arm: 'a', otherArm: 'a', n: 4, events: 2 },
        { arm: 'a', otherArm: 'none', n: 5, events: 0 },
        { arm: 'none', otherArm: 'a', n: 5, events: 3 },
        { arm: 'none', otherArm: 'none', n: 5, events: 0 },
      ],
    },
  ]);
  const early = { ...definition, experiment: { ...definition.experiment!, earlyLooks: 1 } };
  expect((await store.countInputs('cown00000001', early, 1)).concurrent).toBeUndefined();
  await database.close();
});

test('a challenge of a live campaign is a test that shares people, of those whose windows of both meet', async () => {
  const database = await freshDatabase(4);
  const { db } = database;
  const people = await seedPeople(db, 6);
  const live = async (campaignId: string, challenged: boolean) => {
    await seedCampaign(db, {
      campaignId,
      people,
      arms: [{ key: 'champion' }, { key: 'new' }],
      part: 'rollout',
      scenario: { name: campaignId, ...(challenged ? { experiment: { testShare: 1 } } : {}) },
    });
    const wave = { campaignId, wave: 'entries', part: 'rollout' };
    // The windows are a minute: the first two entered too long before to be in both, the last two too long after.
    const entered = ['2026-06-01T07:58:00Z', '2026-06-01T08:00:30Z', '2026-06-01T08:01:30Z'];
    for (const [i, profileId] of people.entries()) {
      const sent = [{ profileId, arm: i % 2 === 0 ? 'champion' : 'new', state: 'accepted' }];
      if (i === 0) await recordWave(db, wave, sent, entered[0] ?? '');
      else
        await db.app`
          insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, state, gated_at)
          select campaign_id, step, ${profileId}, wave, ${sent[0]?.arm ?? ''}, persona, channel, state, ${entered[Math.floor(i / 2)] ?? ''}
          from deliveries where campaign_id = ${campaignId} limit 1`;
    }
    await db.app`
      update waves set started_at = '2026-06-01T07:00:00Z', ended_at = '2026-06-01T09:00:00Z' where campaign_id = ${campaignId}`;
  };
  await live('clive0000001', true);
  await live('clive0000002', false);
  await seedCampaign(db, {
    campaignId: 'cbatch000001',
    people,
    arms,
    scenario: { name: 'Batch', experiment: { testShare: 1 } },
  });
  await recordWave(
    db,
    { campaignId: 'cbatch000001', wave: 'test', part: 'test' },
    people.map((profileId) => ({ profileId, arm: 'a', state: 'accepted' })),
    '2026-06-01T08:00:00Z',
  );
  await db.app`
    update waves set started_at = '2026-06-01T08:00:00Z', ended_at = '2026-06-01T08:00:00Z' where campaign_id = 'cbatch000001'`;
  await recordEvent(db, { profileId: people[3] ?? 0, type: 'visit', at: '2026-06-01T08:00:40Z' });
  const store = createExperimentsStore(db.app);
  const concurrent = async (id: string) =>
    (await store.countInputs(id, await store.scenario(id), 1)).concurrent;
  // The live campaign that is not challenged tests nothing.
  expect(await concurrent('cbatch000001')).toEqual([
    {
      campaignId: 'clive0000001',
      name: 'clive0000001',
      cells: [
        { arm: 'a', otherArm: 'champion', n: 1, events: 0 },
        { arm: 'a', otherArm: 'new', n: 1, events: 1 },
      ],
    },
  ]);
  expect(await concurrent('clive0000001')).toMatchObject([
    { campaignId: 'cbatch000001', name: 'Batch', cells: [{ arm: 'champion' }, { arm: 'new', events: 1 }] },
  ]);
  await database.close();
});
