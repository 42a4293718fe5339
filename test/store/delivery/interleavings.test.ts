import { ApplicationFailure } from '@temporalio/common';
import * as fc from 'fast-check';
import { addsUp, isComplete } from '../../../domain/delivery/arithmetic';
import type { OutgoingEmail, SendOutcome } from '../../../domain/delivery/ports';
import { createDeliveryStore, type DeliveryStore } from '../../../store/delivery-store';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { deliveryBench, fakeSender } from '../../support/delivery-bench';
import { seedCampaign } from '../../support/seed-campaign';
import { contactsOutOfStep, planTestWave } from '../../support/wave';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

const OUTCOMES: readonly SendOutcome[] = [
  { kind: 'accepted', providerId: 'q' },
  { kind: 'failed', code: '550' },
  { kind: 'retry', code: '451' },
  { kind: 'retry', code: '451' },
  { kind: 'uncertain', code: 'no-answer' },
];

class Killed extends Error {
  override readonly name = 'Killed';
}

/** A store whose process dies at its n-th statement, before it or just after: from then on nothing reaches the database. */
function dyingStore(killAt: number, afterIt: boolean): { store: DeliveryStore; died: () => boolean } {
  const real = createDeliveryStore(database.db);
  let statements = 0;
  let dead = false;
  const fatal =
    <A extends unknown[], T>(work: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      if (dead) throw new Killed();
      statements += 1;
      if (statements !== killAt) return work(...args);
      dead = true;
      if (afterIt) await work(...args);
      throw new Killed();
    };
  const silent =
    <A extends unknown[]>(work: (...args: A) => Promise<void>) =>
    async (...args: A): Promise<void> => {
      if (!dead) await fatal(work)(...args).catch(() => {});
    };
  return {
    store: {
      ...real,
      reclaim: fatal(real.reclaim),
      claim: fatal(real.claim),
      turn: fatal(real.turn),
      recipientsFor: fatal(real.recipientsFor),
      recordOutcomes: silent(real.recordOutcomes),
      release: silent(real.release),
    },
    died: () => dead,
  };
}

const attempt = fc.record({ killAt: fc.integer({ min: 1, max: 14 }), afterIt: fc.boolean() });

it('however attempts die and relays answer, nobody is handed over twice and every number adds up', async () => {
  let nth = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        people: fc.integer({ min: 1, max: 30 }),
        batchSize: fc.integer({ min: 1, max: 12 }),
        connections: fc.integer({ min: 1, max: 4 }),
        shardSize: fc.integer({ min: 10, max: 40 }),
        attempts: fc.array(attempt, { maxLength: 4 }),
        answers: fc.array(fc.nat({ max: OUTCOMES.length - 1 }), { minLength: 1, maxLength: 20 }),
      }),
      async ({ people, batchSize, connections, shardSize, attempts, answers }) => {
        nth += 1;
        const campaign = await seedCampaign(database.db, { campaignId: `cinter${nth}`, people });
        const closed = new Set<number>();
        const twice: number[] = [];
        let unsure = 0;
        let deaths = 0;
        let current: () => boolean = () => false;
        const sender = fakeSender(async (email: OutgoingEmail, handed) => {
          if (closed.has(email.deliveryId)) twice.push(email.deliveryId);
          await new Promise((resolve) => setImmediate(resolve));
          const outcome = OUTCOMES[answers[handed % answers.length] ?? 0] ?? OUTCOMES[0];
          if (outcome === undefined) throw new Error('no outcome');
          // A refusal that dies with its worker is a silence too.
          if (outcome.kind !== 'retry' || current()) closed.add(email.deliveryId);
          if (outcome.kind === 'uncertain') unsure += 1;
          return outcome;
        }, connections);

        const planner = deliveryBench(database.db, campaign, sender, { batchSize });
        const wave = await planTestWave(planner.activities, campaign, { shardSize });
        const run = async (store: DeliveryStore): Promise<void> => {
          const { activities } = deliveryBench(database.db, campaign, sender, { batchSize, store });
          for (const shard of wave.shards) {
            await activities.sendShard({
              ...wave.ref,
              shard,
              deadlineAt: new Date(Date.now() + 600_000).toISOString(),
            });
          }
        };
        const makeDue = () =>
          database.db
            .app`update deliveries set not_before = now() where campaign_id = ${campaign.campaignId} and state = 'planned'`;
        for (const { killAt, afterIt } of attempts) {
          const dying = dyingStore(killAt, afterIt);
          current = dying.died;
          await run(dying.store).catch((fault: unknown) => {
            if (!(fault instanceof ApplicationFailure && fault.type === 'Killed')) throw fault;
          });
          if (dying.died()) deaths += 1;
          current = () => false;
          expect(addsUp(await planner.store.waveCounts(wave.ref))).toBe(true);
          await makeDue();
        }
        let counts = await planner.store.waveCounts(wave.ref);
        for (let round = 0; round < 8 && counts.open > 0; round += 1) {
          await run(planner.store);
          await makeDue();
          counts = await planner.store.waveCounts(wave.ref);
        }

        expect(counts.planned).toBe(people);
        expect(isComplete(counts)).toBe(true);
        expect(twice).toEqual([]);
        expect(await contactsOutOfStep(database.db, campaign.campaignId)).toBe(0);
        expect(counts.uncertain).toBeLessThanOrEqual(unsure + deaths * connections);
      },
    ),
    { numRuns: 15 },
  );
}, 180_000);
