import { scenarioSchema } from '../../../domain/campaigns/scenario';
import { NATURES } from '../../../domain/shared/words';
import { createAudienceStore } from '../../../store/audience-store';
import { createDryRunsStore } from '../../../store/dry-runs-store';
import { putLive } from '../../support/segments';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { putSegments, scenario } from '../../support/people';
import { seedConsent, seedPeople } from '../../support/seed-campaign';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase(4);
  const { db } = database;
  await putSegments(db.app);
  await putLive(db.app, 'everybody', { everyone: true });
  const people = await seedPeople(db, 8);
  const at = (n: number): number => people[n] ?? 0;
  for (const purpose of ['promotion', 'newsletter', 'survey', 'service']) {
    await seedConsent(db, people.slice(0, 5), purpose);
    await seedConsent(db, [at(5)], purpose, false);
    await seedConsent(db, [at(6)], purpose, true, new Date(Date.now() - 1_000));
  }
  await db.app`
    insert into suppressions (fingerprint, scope, reason)
    select email_fp, case id when ${at(0)} then 'global' when ${at(1)} then 'brand:maison' else 'brand:other' end, 'objection'
    from profiles where id = any(${people.slice(0, 3)}::bigint[])`;
  await db.app`update profiles set doubtful = '{email}' where id = ${at(3)}`;
  await db.app`update profiles set doubtful = '{lastName}' where id = ${at(4)}`;
});
afterAll(() => database.close());

/** People in order: suppressed everywhere, by this brand, by another; e-mail doubted, name doubted; no, lapsed, silent. */
const ASKED = { suppressed: 2, doubtful: 1, 'no-consent': 2, 'consent-expired': 1 };

it.each(NATURES)('the freeze and the gate keep the same people out: %s', async (nature) => {
  const definition = scenarioSchema.parse(
    scenario({ nature, audience: { segment: 'everybody', personas: ['gold'], fallbackPersona: 'gold' } }),
  );
  const frozen = await createAudienceStore(database.db).forecast(definition, 'seed');
  const people = await database.db.app<{ id: number }[]>`select id from profiles order by id`;
  const gate = await createDryRunsStore(database.db.app).gate(
    definition,
    'cnone',
    new Date(),
    people.map((row) => row.id),
  );
  expect(gate.skipped).toEqual(frozen.counts.excluded);
  expect(gate.allowed).toHaveLength(frozen.counts.members);
  const owed = { suppressed: 2, doubtful: 1 };
  expect(gate.skipped).toEqual(
    nature === 'official' ? owed : nature === 'service' ? { ...owed, 'no-consent': 1 } : ASKED,
  );
});

it('the holdout meets what the table says it meets, and nothing else', async () => {
  const held = async (nature: (typeof NATURES)[number]) =>
    (
      await createAudienceStore(database.db).forecast(
        scenarioSchema.parse(
          scenario({
            nature,
            audience: {
              segment: 'everybody',
              personas: ['gold'],
              fallbackPersona: 'gold',
              holdout: { share: 0.5, salt: 'all-of-them' },
            },
          }),
        ),
        'seed',
      )
    ).counts;
  for (const nature of NATURES) {
    const { members, holdout } = await held(nature);
    const exempt = nature === 'service' || nature === 'official';
    expect([nature, members + holdout]).toEqual([
      nature,
      nature === 'official' ? 5 : nature === 'service' ? 4 : 2,
    ]);
    if (exempt) expect(holdout).toBe(0);
  }
});
