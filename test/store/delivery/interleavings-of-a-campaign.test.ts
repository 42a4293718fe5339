import * as fc from 'fast-check';
import { addsUp, isComplete } from '../../../domain/delivery/arithmetic';
import { commands } from '../../support/campaign-commands';
import { campaignModel } from '../../support/campaign-model';
import { answers } from '../../support/campaign-providers';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { contactsOutOfStep } from '../../support/wave';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase(20);
});
afterAll(() => database.close());

it('whatever happens to a campaign of two steps with service messages beside it, each person gets each message once or not at all', async () => {
  let nth = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        people: fc.integer({ min: 10, max: 24 }),
        connections: fc.integer({ min: 1, max: 3 }),
        batchSize: fc.integer({ min: 2, max: 12 }),
        answers,
        smsKnowsAgain: fc.boolean(),
        smsFirst: fc.boolean(),
      }),
      commands,
      async (setting, all) => {
        nth += 1;
        const { app } = database.db;
        await app`delete from domain_backoffs`;
        const model = await campaignModel(database.db, { id: `clife${nth}`, ...setting });
        for (const one of all) {
          if (one.run === 'send') await model.send(one.wave, one);
          else if (one.run === 'event') await model.happen(one.event);
          else await model[one.run]();
          for (const counts of await model.counts()) expect(addsUp(counts)).toBe(true);
          expect(model.faults).toEqual([]);
        }

        if (await model.isAborted()) await model.store.closeAborted(model.campaignIds[0] ?? '');
        else await model.hold('run');
        await app`update preferences set paused_until = null`;
        const open = async (): Promise<number> => {
          const [row] = await app<{ n: number }[]>`
            select count(*) as n from messages where campaign_id = any(${model.campaignIds}) and settled_at is null`;
          return (await model.counts()).reduce((sum, counts) => sum + counts.open, row?.n ?? 0);
        };
        for (let round = 0; round < 40 && (round === 0 || (await open()) > 0); round += 1) {
          await model.time();
          for (const wave of [0, 1, 2, 3]) await model.send(wave);
        }

        for (const counts of await model.counts()) expect(isComplete(counts)).toBe(true);
        expect(await open()).toBe(0);
        expect(model.faults).toEqual([]);
        for (const id of model.campaignIds) expect(await contactsOutOfStep(database.db, id)).toBe(0);
        const rows = await app<{ id: number; state: string }[]>`
          select id, state from deliveries where campaign_id = any(${model.campaignIds})`;
        for (const { id, state } of rows) {
          if (state === 'accepted') expect(model.reached.get(id)).toBe(true);
          // Who may have it is never said not to.
          if (model.reached.get(id) === true) expect(state).toMatch(/^(accepted|uncertain)$/);
        }
      },
    ),
    // Shrinking takes minutes: the seed and path of the first failure say enough.
    { numRuns: 16, endOnFailure: true },
  );
}, 90_000);
