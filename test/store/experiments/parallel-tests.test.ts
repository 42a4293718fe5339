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
