import { ApplicationFailure } from '@temporalio/common';
import * as fc from 'fast-check';
import { addsUp, isComplete } from '../../../domain/delivery/arithmetic';
import type { SendOutcome } from '../../../domain/delivery/ports';
import type { DeliveryStore } from '../../../store/delivery-store';
import { createPoliciesStore } from '../../../store/policies-store';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { deliveryBench, fakeChannel, inAnHour } from '../../support/delivery-bench';
import { dyingStore } from '../../support/dying-store';
import { seedTwoChannels } from '../../support/seed-channels';
import { contactsOutOfStep, planTestWave } from '../../support/wave';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

/** Half of what comes back is good; the rest is every way of it being bad. */
const OUTCOMES: readonly [SendOutcome, ...SendOutcome[]] = [
  { kind: 'accepted', providerId: 'q' },
  { kind: 'accepted', providerId: 'q' },
  { kind: 'accepted', providerId: 'q' },
  { kind: 'failed', code: '550 5.1.1' },
  { kind: 'retry', code: '451' },
  { kind: 'retry', code: '450 4.2.1' },
  { kind: 'retry', code: 'relay-refused' },
  { kind: 'uncertain', code: 'no-answer' },
];

/** What happens between one attempt and the next, to somebody of the wave. */
const change = fc.record({
  what: fc.constantFrom<'withdraw' | 'suppress' | 'pause'>('withdraw', 'suppress', 'pause'),
  who: fc.nat({ max: 30 }),
});
const attempt = fc.record({
  killAt: fc.integer({ min: 1, max: 16 }),
  afterIt: fc.boolean(),
  then: fc.array(change, { maxLength: 2 }),
});
const answers = fc.array(fc.nat({ max: OUTCOMES.length - 1 }), { minLength: 1, maxLength: 20 });

it('in any interleaving of faults, kills, pauses and changed minds a person gets one message or none, and every number adds up', async () => {
  let nth = 0;
  const { app } = database.db;
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        people: fc.integer({ min: 1, max: 24 }),
        batchSize: fc.integer({ min: 1, max: 12 }),
        connections: fc.integer({ min: 1, max: 4 }),
        shardSize: fc.integer({ min: 10, max: 40 }),
        attempts: fc.array(attempt, { maxLength: 4 }),
        byEmail: answers,
        bySms: answers,
        smsKnowsAgain: fc.boolean(),
        limited: fc.boolean(),
      }),
      async ({ people, batchSize, connections, shardSize, attempts, limited, ...given }) => {
        nth += 1;
        const { campaign, creatives } = await seedTwoChannels(database.db, {
          campaignId: `cinter${nth}`,
          people,
        });
        await app`delete from rate_buckets`;
        await app`delete from domain_backoffs`;
        await app`delete from policies where kind = 'rate'`;
        if (limited) {
          const policies = createPoliciesStore(database.db.app);
          await policies.put('rate', 'all', { channel: 'email', perSecond: 400, burst: 3 }, 'test');
          const domain = 'd1.example.test';
          await policies.put('rate', 'd1', { channel: 'email', domain, perSecond: 400, burst: 2 }, 'test');
        }

        /** Of deliveries that may have reached somebody: handed over again, they would reach them twice. */
        const reached = new Set<number>();
        const out = new Map<number, number>();
        const twice: number[] = [];
        const refusedYet = new Set<number>();
        let unsure = 0;
        let deaths = 0;
        let died: () => boolean = () => false;
        const answer = (list: readonly number[], nthAnswer: number): SendOutcome => {
          // An outage ends one day: after the last of these answers all are good.
          return OUTCOMES[list[nthAnswer - 1] ?? 0] ?? OUTCOMES[0];
        };
        const take = async (id: number, outcome: SendOutcome, knowsAgain: boolean): Promise<SendOutcome> => {
          if (reached.has(id)) twice.push(id);
          if (refusedYet.has(id)) twice.push(id);
          out.set(id, (out.get(id) ?? 0) + 1);
          await new Promise((resolve) => setImmediate(resolve));
          // An answer that dies with its worker is a silence too; only who knows it again may be asked again.
          const unheard = died() && !knowsAgain;
          const taken = outcome.kind === 'accepted' || outcome.kind === 'uncertain';
          if (unheard || (taken && !(died() && knowsAgain))) reached.add(id);
          if (outcome.kind === 'uncertain') unsure += 1;
          return outcome;
        };
        const senders = {
          email: fakeChannel<'email'>(
            ({ deliveryId }, n) => take(deliveryId, answer(given.byEmail, n), false),
            {
              connections,
            },
          ),
          sms: fakeChannel<'sms'>(
            ({ deliveryId }, n) => take(deliveryId, answer(given.bySms, n), given.smsKnowsAgain),
            { connections, idempotent: given.smsKnowsAgain },
          ),
        };
        const faults = { email: 6, sms: 6, push: 6, 'in-app': 6, letter: 6, 'e-letter': 6 };
        const bench = (store?: DeliveryStore) =>
          deliveryBench(database.db, campaign, senders, {
            batchSize,
            breakerFaults: faults,
            outage: { firstMs: 2, mostMs: 4 },
            creatives: { forSending: () => Promise.resolve(creatives) },
            ...(store === undefined ? {} : { store }),
          });
        const planner = bench();
        const wave = await planTestWave(planner.activities, campaign, { shardSize });
        const run = async (store: DeliveryStore): Promise<void> => {
          const { activities } = bench(store);
          for (const shard of wave.shards)
            await activities.sendShard({ ...wave.ref, shard, deadlineAt: inAnHour() });
        };
        const makeDue = async (): Promise<void> => {
          await app`update deliveries set not_before = now() where campaign_id = ${campaign.campaignId} and state = 'planned'`;
          await app`update domain_backoffs set until = now()`;
        };
        const happen = async ({ what, who }: { what: string; who: number }): Promise<void> => {
          const profileId = campaign.profileIds[who % people] ?? 0;
          if (what === 'pause')
            await app`update campaigns set hold = 'paused' where id = ${campaign.campaignId}`;
          if (what === 'withdraw')
            await app`update consent_state set granted = false where profile_id = ${profileId}`;
          if (what === 'suppress')
            await app`
              insert into suppressions (fingerprint, reason)
              select unnest(array[email_fp, phone_fp]), 'objection' from profiles where id = ${profileId} on conflict do nothing`;
          if (what === 'pause') return;
          const [row] = await app<{ id: number }[]>`
            select id from deliveries where campaign_id = ${campaign.campaignId} and profile_id = ${profileId}`;
          if (row !== undefined) refusedYet.add(row.id);
        };

        for (const { killAt, afterIt, then } of attempts) {
          const dying = dyingStore(planner.store, killAt, afterIt);
          died = dying.died;
          await run(dying.store).catch((fault: unknown) => {
            if (!(fault instanceof ApplicationFailure && fault.type === 'Killed')) throw fault;
          });
          if (dying.died()) deaths += 1;
          died = () => false;
          expect(addsUp(await planner.store.waveCounts(wave.ref))).toBe(true);
          await makeDue();
          for (const one of then) await happen(one);
        }
        const handedWhileHeld = (): number => senders.email.handed.length + senders.sms.handed.length;
        const [held] = await app<
          { hold: string }[]
        >`select hold from campaigns where id = ${campaign.campaignId}`;
        if (held?.hold === 'paused') {
          const before = handedWhileHeld();
          await run(planner.store);
          expect(handedWhileHeld()).toBe(before);
          await app`update campaigns set hold = 'run' where id = ${campaign.campaignId}`;
        }
        let counts = await planner.store.waveCounts(wave.ref);
        // Nobody waits: whoever is put off, whether by a refusal, a bucket or the breaker, is due again at once.
        for (let round = 0; round < 100 && counts.open > 0; round += 1) {
          await run(planner.store);
          await makeDue();
          counts = await planner.store.waveCounts(wave.ref);
        }

        expect(counts.planned).toBe(people);
        expect(isComplete(counts)).toBe(true);
        expect(twice).toEqual([]);
        expect(await contactsOutOfStep(database.db, campaign.campaignId)).toBe(0);
        expect(counts.uncertain).toBeLessThanOrEqual(unsure + deaths * connections);
        // Each row says what was last answered: who has an accepted one was handed over, and who was not has none.
        const rows = await app<{ id: number; state: string }[]>`
          select id, state from deliveries where campaign_id = ${campaign.campaignId}`;
        for (const { id, state } of rows) if (state === 'accepted') expect(out.has(id)).toBe(true);
        for (const id of reached)
          expect(rows.find((row) => row.id === id)?.state).toMatch(/^(accepted|uncertain)$/);
      },
    ),
    { numRuns: 6, endOnFailure: true },
  );
}, 60_000);
