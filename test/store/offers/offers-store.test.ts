import { createOffersStore } from '../../../store/offers-store';
import { proposeIn } from '../../../store/persona-matrix-store';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { putLive } from '../../support/segments';

const CSV =
  'segment_id,value_tier,behavior_cluster,state,key_message,visual_guideline,offer_code\nadults,high,regular,active,Merci,chaud,P10\n';

let database: FreshDatabase;
beforeEach(async () => {
  database = await freshDatabase(4);
  await putLive(database.db.app, 'adults', { everyone: true });
});
afterEach(() => database.close());

test('an offer that a matrix names in the same moment is either gone before or stays', async () => {
  const sql = database.db.app;
  const offers = createOffersStore(sql);
  await offers.put('P10', { name: 'Dix', conditions: '', markets: [] }, 'anne');
  let removal: Promise<unknown> | undefined;
  await sql.begin(async (tx) => {
    await proposeIn(tx, CSV, 'anne', null);
    removal = offers.remove('P10').catch((fault: unknown) => fault);
    const waits = async (): Promise<boolean> => (await sql`select from pg_locks where not granted`).count > 0;
    while (!(await waits())) await new Promise((resolve) => setTimeout(resolve, 10));
  });
  expect(await removal).toMatchObject({
    code: 'offer-in-use',
    faults: [{ message: 'row adults of version 1' }],
  });

  await sql`update persona_matrix_versions set state = 'rejected'`;
  expect(await offers.remove('P10')).toBe(true);
  expect(await offers.remove('P10')).toBe(false);
  await expect(sql.begin((tx) => proposeIn(tx, CSV, 'anne', null))).rejects.toMatchObject({
    code: 'matrix-invalid',
    faults: [{ path: 'line 2, offer_code' }],
  });
});
