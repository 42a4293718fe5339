import * as fc from 'fast-check';
import type { ScenarioInput } from '../../../domain/campaigns/scenario';
import { createAttributionStore } from '../../../store/attribution-store';
import { mergeProfiles } from '../../../store/profile-merging';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { seedCampaign, seedPeople } from '../../support/seed-campaign';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

const T0 = Date.parse('2026-06-01T10:00:00Z');
const at = (seconds: number): Date => new Date(T0 + seconds * 1_000);
const WINDOW = 1_000;

let nth = 0;
/** A campaign whose message everybody was sent at `sentAt`, in seconds after T0. Answers its id and the delivery of each. */
async function campaign(
  people: readonly number[],
  sentAt: number,
  attribution?: ScenarioInput['attribution'],
) {
  nth += 1;
  const { campaignId } = await seedCampaign(database.db, {
    campaignId: `cattr${nth}`,
    people,
    scenario: {
      primaryMetric: { event: 'buy', windowSeconds: WINDOW },
      ...(attribution === undefined ? {} : { attribution }),
    },
  });
  const rows = await database.db.app<{ id: number; profile_id: number }[]>`
    insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, state, gated_at, settled_at)
    select ${campaignId}, 'first', p, 'w1', 'a', 'habitues', 'email', 'accepted', ${at(sentAt)}, ${at(sentAt + 1)}
    from unnest(${[...people]}::bigint[]) p returning id, profile_id`;
  return { campaignId, deliveryOf: new Map(rows.map((row) => [row.profile_id, row.id])) };
}

interface Happened {
  readonly type: 'buy' | 'message.clicked';
  readonly person: number;
  readonly seconds: number;
  readonly deliveryId?: number;
  readonly cents?: number;
}

async function happen(events: readonly Happened[]): Promise<void> {
  // One statement each: their order is what is being tried.
  for (const { type, person, seconds, deliveryId, cents } of events) {
    nth += 1;
    await database.db.app`
      insert into events (id, profile_id, type, at, value_cents, currency, campaign_id, delivery_id)
      select ${`e${nth}`}, ${person}, ${type}, ${at(seconds)}, ${cents ?? null}::bigint, ${cents === undefined ? null : 'EUR'},
        d.campaign_id, d.id from (select 1) x left join deliveries d on d.id = ${deliveryId ?? null}`;
  }
}
const of = (campaignId: string) => createAttributionStore(database.db.app).of(campaignId);

const CLICKED = { event: 'buy', windowSeconds: WINDOW, from: 'click' } as const;

it('credits whoever turns out to be one person for what either profile was sent', async () => {
  const people = await seedPeople(database.db, 3);
  const [kept = 0, merged = 0, other = 0] = people;
  const sent = await campaign([merged, other], 0, CLICKED);
  await happen([
    { type: 'message.clicked', person: merged, seconds: 10, deliveryId: sent.deliveryOf.get(merged) ?? 0 },
  ]);
  await database.db.identity.begin((tx) =>
    mergeProfiles(tx, 'a pepper', { kept, merged, reason: 'email', source: 'test', by: 'anne' }),
  );
  await happen([
    { type: 'buy', person: kept, seconds: 20, cents: 700 },
    { type: 'buy', person: other, seconds: 20, cents: 1 },
  ]);
  expect(await of(sent.campaignId)).toMatchObject({ conversions: 1, valueCents: { EUR: 700 } });
});

it('credits a conversion once, to the last touch before it, within its window', async () => {
  const people = await seedPeople(database.db, 3);
  const [a = 0, b = 0, c = 0] = people;
  const early = await campaign(people, 0);
  const later = await campaign(people, 500);
  await happen([
    { type: 'buy', person: a, seconds: 400, cents: 1_000 },
    { type: 'buy', person: a, seconds: 600, cents: 250 },
    { type: 'buy', person: b, seconds: 1_499, cents: 99 },
    { type: 'buy', person: b, seconds: 1_500 },
    { type: 'buy', person: c, seconds: -1 },
  ]);
  expect(await of(early.campaignId)).toEqual({
    conversions: 1,
    people: 1,
    valueCents: { EUR: 1_000 },
    byArm: { a: { conversions: 1, people: 1, valueCents: { EUR: 1_000 } } },
    byStep: { first: { conversions: 1, people: 1, valueCents: { EUR: 1_000 } } },
    byChannel: { email: { conversions: 1, people: 1, valueCents: { EUR: 1_000 } } },
    byLag: { '1h': { conversions: 1, people: 1, valueCents: { EUR: 1_000 } } },
  });
  expect(await of(later.campaignId)).toMatchObject({ conversions: 2, people: 2, valueCents: { EUR: 349 } });
});

it('from clicks: a message alone touches nobody, nor does a scanner or a message that came back', async () => {
  const people = await seedPeople(database.db, 3);
  const [a = 0, b = 0, c = 0] = people;
  const { campaignId, deliveryOf } = await campaign(people, 0, CLICKED);
  const click = (person: number, seconds: number): Happened => ({
    type: 'message.clicked',
    person,
    seconds,
    deliveryId: deliveryOf.get(person) ?? 0,
  });
  await happen([
    click(a, 5_000),
    click(c, 100),
    ...people.map((person): Happened => ({ type: 'buy', person, seconds: 5_100 })),
  ]);
  await happen([{ type: 'buy', person: c, seconds: 150 }]);
  expect(await of(campaignId)).toMatchObject({ conversions: 2, people: 2 });
  await happen([click(b, 5_050)]);
  expect(await of(campaignId)).toMatchObject({ conversions: 3, people: 3 });
  await database.db
    .app`update events set type = 'message.scanned' where delivery_id = ${deliveryOf.get(b) ?? 0}`;
  await database.db.app`
    insert into events (id, profile_id, type, at, campaign_id, delivery_id, properties)
    values ('back', ${c}, 'message.bounced', now(), ${campaignId}, ${deliveryOf.get(c) ?? 0}, '{"bounce": "hard"}')`;
  expect(await of(campaignId)).toMatchObject({ conversions: 1, people: 1 });
});

it('each campaign by its own terms: what is not its event or past its window leaves the credit to another', async () => {
  const people = await seedPeople(database.db, 1);
  const [a = 0] = people;
  const patient = await campaign(people, 0, { event: 'buy', windowSeconds: 10_000, from: 'delivery' });
  const hasty = await campaign(people, 100, { event: 'buy', windowSeconds: 50, from: 'delivery' });
  await campaign(people, 120, { event: 'visit', windowSeconds: 10_000, from: 'delivery' });
  await happen([
    { type: 'buy', person: a, seconds: 130 },
    { type: 'buy', person: a, seconds: 151 },
  ]);
  expect((await of(hasty.campaignId)).conversions).toBe(1);
  expect((await of(patient.campaignId)).conversions).toBe(1);
});

it('answers the same in whatever order events come, and never credits one twice', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          kind: fc.constantFrom('buy', 'click-0', 'click-1', 'click-2'),
          person: fc.nat({ max: 2 }),
          seconds: fc.integer({ min: -100, max: 2_500 }),
        }),
        { minLength: 1, maxLength: 12 },
      ),
      fc.infiniteStream(fc.nat()),
      async (told, dice) => {
        const answers = [];
        for (const shuffled of [false, true]) {
          const people = await seedPeople(database.db, 3);
          const campaigns = [
            await campaign(people, 0, CLICKED),
            await campaign(people, 300),
            await campaign(people, 800, CLICKED),
          ];
          const events = told.map(({ kind, person, seconds }): Happened => {
            const profile = people[person] ?? 0;
            if (kind === 'buy') return { type: 'buy', person: profile, seconds, cents: 100 };
            const deliveryId = campaigns[Number(kind.slice(6))]?.deliveryOf.get(profile) ?? 0;
            return { type: 'message.clicked', person: profile, seconds, deliveryId };
          });
          const keyed = events.map((event) => ({
            event,
            key: shuffled ? (dice.next().value ?? 0) : event.seconds,
          }));
          await happen(keyed.sort((x, y) => x.key - y.key).map(({ event }) => event));
          answers.push(await Promise.all(campaigns.map(({ campaignId }) => of(campaignId))));
        }
        expect(answers[1]).toEqual(answers[0]);
        const credited = answers[0]?.reduce((sum, one) => sum + one.conversions, 0) ?? 0;
        expect(credited).toBeLessThanOrEqual(told.filter(({ kind }) => kind === 'buy').length);
        expect(answers[0]?.reduce((sum, one) => sum + (one.valueCents['EUR'] ?? 0), 0)).toBe(credited * 100);
      },
    ),
    { numRuns: 15 },
  );
});
