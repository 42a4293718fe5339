import { setTimeout as sleep } from 'node:timers/promises';
import { scenarioSchema } from '../../../domain/campaigns/scenario';
import { createMembershipsStore } from '../../../store/memberships-store';
import { createPersonaMatrixStore } from '../../../store/persona-matrix-store';
import { createPoliciesStore } from '../../../store/policies-store';
import { createScenariosStore } from '../../../store/scenarios-store';
import { simulate } from '../../../store/segments/simulate';
import { segmentOverlaps } from '../../../store/segments/uses';
import { createSegmentsStore } from '../../../store/segments-store';
import { databaseForEach } from '../../support/database';
import { putOffersOf } from '../../support/matrix';
import { MATRIX_CSV, plainScenario } from '../../support/scenario';
import { putLive } from '../../support/segments';

const KEY = 'adultes';
const base = databaseForEach(6);
beforeEach(() => putLive(base.db.app, KEY, { everyone: true }));

const retire = (): Promise<unknown> =>
  createSegmentsStore(base.db.app)
    .retire(KEY)
    .catch((fault: unknown) => fault);
const scenarios = () => createScenariosStore(base.db.app);
const cap = { nature: 'promotion', limit: 1, windowDays: 7, segment: KEY } as const;
const proposed = async () => {
  await putOffersOf(base.db.app, MATRIX_CSV);
  return createPersonaMatrixStore(base.db.app).propose(MATRIX_CSV, 'anne');
};
const approve = () => createPersonaMatrixStore(base.db.app).approve(1, 'paul');
const draft = () => scenarios().create(scenarioSchema.parse(plainScenario()), 'anne');

/** Until so many of this database's connections wait for a lock. */
async function waiting(connections: number): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    const { count } = await base.db.app`
      select distinct pid from pg_locks join pg_stat_activity using (pid)
      where not granted and datname = current_database()`;
    if (count >= connections) return;
    await sleep(10);
  }
  throw new Error('nobody waits');
}

/** Keeps what writes to the table from ending while something else is begun. */
async function heldUp<T>(
  table: string,
  write: () => Promise<T>,
  meanwhile: () => Promise<unknown>,
): Promise<[T, unknown]> {
  const begun = await base.db.app.begin(async (tx) => {
    await tx`lock table ${tx(table)} in share mode`;
    const writing = write();
    writing.catch(() => {});
    await waiting(1);
    const other = meanwhile().catch((fault: unknown) => fault);
    await waiting(2);
    // Not awaited before this transaction has ended.
    return { writing, other };
  });
  return Promise.all([begun.writing, begun.other]);
}

describe('what names a segment in the moment it is retired is seen', () => {
  test('a cap', async () => {
    const { retiring } = await base.db.app.begin(async (tx) => {
      await createPoliciesStore(tx).put('cap', 'few', cap, 'anne');
      const begun = retire();
      await waiting(1);
      return { retiring: begun };
    });
    expect(await retiring).toMatchObject({
      code: 'segment-in-use',
      faults: [{ message: 'cap few: whom it holds' }],
    });
  });

  test('a persona matrix', async () => {
    await proposed();
    const [matrix, retired] = await heldUp('persona_matrix_versions', approve, retire);
    expect(matrix.state).toBe('approved');
    expect(retired).toMatchObject({
      code: 'segment-in-use',
      faults: [{ message: `persona ${KEY}: row of the matrix` }],
    });
  });

  test('a scenario', async () => {
    const [scenario, retired] = await heldUp('scenarios', draft, retire);
    expect(scenario.version).toBe(1);
    expect(retired).toMatchObject({
      code: 'segment-in-use',
      faults: [{ message: 'scenario automne: audience' }],
    });
  });
});

describe('what would name a segment in the moment after it was retired finds it gone', () => {
  test('a cap', async () => {
    const [, put] = await heldUp('segment_lives', retire, () =>
      createPoliciesStore(base.db.app).put('cap', 'few', cap, 'anne'),
    );
    expect(put).toMatchObject({ code: 'segment-unknown', faults: [{ path: '/segment' }] });
    expect(await createPoliciesStore(base.db.app).list('cap')).toEqual({});
  });

  test('a persona matrix', async () => {
    await proposed();
    const [, approved] = await heldUp('segment_lives', retire, approve);
    expect(approved).toMatchObject({ code: 'matrix-invalid', faults: [{ path: 'line 2, segment_id' }] });
  });

  test('a scenario, which stays a draft', async () => {
    const [, scenario] = await heldUp('segment_lives', retire, async () => {
      const { definition } = await draft();
      return scenarios().surroundings(definition);
    });
    expect(scenario).toMatchObject({ segmentExists: false });
  });
});

test('a retired segment overlaps with nothing, though its members have not left yet', async () => {
  const sql = base.db.app;
  await putLive(sql, 'tous', { everyone: true });
  await sql`insert into profiles (market, locale, source) values ('FR', 'fr-FR', 'test')`;
  const memberships = createMembershipsStore(sql);
  for (const key of [KEY, 'tous']) await memberships.build(key, new AbortController().signal);
  expect(await segmentOverlaps(sql, 'tous')).toEqual([{ segment: KEY, members: 1, both: 1 }]);
  await retire();
  expect(await sql`select from segment_members where segment = ${KEY}`).toHaveLength(1);
  expect(await segmentOverlaps(sql, 'tous')).toEqual([]);
  const simulation = await simulate(sql, {
    key: 'tous',
    rule: { everyone: true },
    purpose: 'promotion',
    sample: 1,
    now: new Date(),
  });
  expect(simulation.overlaps).toEqual([]);
});
