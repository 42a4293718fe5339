import { ARRIVED, LETTER_PROOFS, type ProviderEvent } from '../../../domain/delivery/provider-event';
import type { SendOutcome } from '../../../domain/delivery/ports';
import type { Channel } from '../../../domain/shared/words';
import { createDeliveryStore } from '../../../store/delivery-store';
import { createProviderEventsStore } from '../../../store/provider-events-store';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { deliveryBench, fakeChannel, fakeSender } from '../../support/delivery-bench';
import { seedCampaign } from '../../support/seed-campaign';
import { seedTwoChannels } from '../../support/seed-channels';
import { contactsOutOfStep, planTestWave } from '../../support/wave';

let database: FreshDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.close());

const AT = new Date('2026-11-22T10:00:00Z');
const ACCEPTED: SendOutcome = { kind: 'accepted', providerId: 'x' };
const SILENCE: SendOutcome = { kind: 'retry', code: 'no-answer' };
const SOFT = { kind: 'bounced', hard: false, code: '452 4.2.2' } as const;

/** By the door of a channel. */
async function tell(
  channel: Channel,
  deliveryId: number,
  happening: ProviderEvent['happening'],
  id: string = happening.kind,
) {
  const store = createProviderEventsStore(database.db.app, [channel]);
  const told = await store.record({ id, at: AT, ref: { deliveryId }, happening, by: 'webhook' });
  return told.outcome;
}
const row = async (): Promise<{ id: number; state: string; channel: string; tried: string[] | null }> => {
  const [found] = await database.db.app<
    { id: number; state: string; channel: string; tried: string[] | null }[]
  >`select id, state, channel, tried from deliveries`;
  if (found === undefined) throw new Error('no row');
  return found;
};
const events = async (): Promise<string[]> =>
  (
    await database.db.app<{ type: string; channel: string }[]>`
      select type, properties ->> 'channel' as channel from events order by type, channel`
  ).map(({ type, channel }) => `${type} ${channel}`);
const itsTimeHasCome = () => database.db.app`update deliveries set not_before = null where state = 'planned'`;

async function oneByEmail(behave: Parameters<typeof fakeSender>[0]) {
  const campaign = await seedCampaign(database.db, { people: 1 });
  const sender = fakeSender(behave);
  const { activities } = deliveryBench(database.db, campaign, sender);
  const wave = await planTestWave(activities, campaign);
  return { campaign, sender, wave, activities };
}

async function oneByEmailThenSms(answers: { email: SendOutcome; sms: SendOutcome }) {
  const { campaign, creatives } = await seedTwoChannels(database.db, {
    campaignId: 'clate2222222',
    people: 1,
  });
  const [email, sms] = [
    fakeChannel<'email'>(() => answers.email),
    fakeChannel<'sms'>(() => answers.sms, { idempotent: true }),
  ];
  const { activities } = deliveryBench(
    database.db,
    campaign,
    { email, sms },
    { creatives: { forSending: () => Promise.resolve(creatives) } },
  );
  return { campaign, email, sms, wave: await planTestWave(activities, campaign) };
}

it.each([{ kind: 'delivered' }, { kind: 'complained' }] as const)(
  'a message planned again that turns out to have arrived goes out no second time: %p',
  async (happening) => {
    const { campaign, sender, wave, activities } = await oneByEmail(() => SILENCE);
    await wave.run();
    const { id, state } = await row();
    expect(state).toBe('planned');
    expect(await tell('email', id, happening)).toBe('new');
    expect(await tell('email', id, happening, 'again')).toBe('known');
    expect(await row()).toMatchObject({ state: 'accepted', channel: 'email' });
    expect(await contactsOutOfStep(database.db, campaign.campaignId)).toBe(0);
    const [contact] = await database.db.app`select nature, channel, department, format from contacts`;
    const { nature, department, format } = campaign.scenario;
    expect(contact).toEqual({ nature, channel: 'email', department, format });
    await itsTimeHasCome();
    await wave.run();
    expect(sender.handed).toHaveLength(1);
    expect(await activities.waveCounts(wave.ref)).toMatchObject({ accepted: 1, open: 0 });
  },
);

it('nor one whose arrival was told before its answer was given up', async () => {
  const { campaign, wave } = await oneByEmail(async ({ deliveryId }) => {
    await tell('email', deliveryId, { kind: 'delivered' });
    return SILENCE;
  });
  await wave.run();
  expect((await row()).state).toBe('accepted');
  expect(await contactsOutOfStep(database.db, campaign.campaignId)).toBe(0);
});

it('nor one whose worker died while its provider, which knows it again, took it', async () => {
  const { campaign, wave } = await oneByEmail(() => SILENCE);
  await wave.run();
  const { id } = await row();
  // As its claim and its worker's death leave it.
  await database.db.app`update deliveries set state = 'sending', attempts = 0, not_before = null`;
  expect(await tell('email', id, { kind: 'delivered' })).toBe('new');
  expect((await row()).state).toBe('sending');
  const store = createDeliveryStore(database.db);
  const session = await store.openSession({ ...wave.ref, shard: 0 });
  if (session === null) throw new Error('somebody holds the shard');
  const [profileId = 0] = campaign.profileIds;
  await store.reclaim(session, wave.ref, { from: profileId, to: profileId + 1 }, ['email']);
  await session.close();
  expect((await row()).state).toBe('accepted');
  expect(await contactsOutOfStep(database.db, campaign.campaignId)).toBe(0);
});

it('nor is it lost on a row that the gate has refused since', async () => {
  const { campaign, wave } = await oneByEmail(() => SILENCE);
  await wave.run();
  await database.db
    .app`update deliveries set state = 'skipped', reason = 'consent', settled_at = now(), not_before = null`;
  expect(await tell('email', (await row()).id, { kind: 'delivered' })).toBe('new');
  expect((await row()).state).toBe('accepted');
  expect(await contactsOutOfStep(database.db, campaign.campaignId)).toBe(0);
});

it('a bounce or a delay of the attempt before is an event of the message, which goes out again', async () => {
  const { sender, wave } = await oneByEmail((_, nth) => (nth === 1 ? SILENCE : ACCEPTED));
  await wave.run();
  const { id } = await row();
  expect(await tell('email', id, SOFT)).toBe('new');
  expect(await tell('email', id, { kind: 'deferred' })).toBe('new');
  expect((await row()).state).toBe('planned');
  await itsTimeHasCome();
  await wave.run();
  expect([sender.handed.length, (await row()).state]).toEqual([2, 'accepted']);
  expect(await events()).toEqual(['message.bounced email', 'message.deferred email']);
});

it('what was told of a failed channel comes before its fallback goes: nobody gets it twice', async () => {
  const { campaign, sms, wave } = await oneByEmailThenSms({
    email: { kind: 'failed', code: '550' },
    sms: ACCEPTED,
  });
  await wave.run();
  const { id, state, tried } = await row();
  expect([state, tried]).toEqual(['planned', ['email']]);
  await tell('email', id, { kind: 'delivered' });
  await wave.run();
  expect(sms.handed).toEqual([]);
  expect(await row()).toMatchObject({ state: 'accepted', channel: 'email', tried: null });
  expect(await contactsOutOfStep(database.db, campaign.campaignId)).toBe(0);
});

it('what comes after its fallback went is an event of its own channel, and settles nothing of the other', async () => {
  const { wave } = await oneByEmailThenSms({
    email: { kind: 'failed', code: '550' },
    sms: { kind: 'uncertain', code: 'no-answer' },
  });
  await wave.run();
  await wave.run();
  const { id } = await row();
  expect(await row()).toMatchObject({ state: 'uncertain', channel: 'sms', tried: ['email'] });
  expect(await tell('email', id, { kind: 'delivered' })).toBe('new');
  expect(await tell('email', id, SOFT)).toBe('new');
  expect((await row()).state).toBe('uncertain');
  expect(await tell('sms', id, { kind: 'delivered' })).toBe('new');
  expect(await row()).toMatchObject({ state: 'accepted', channel: 'sms', tried: ['email'] });
  expect(await events()).toEqual([
    'message.bounced email',
    'message.delivered email',
    'message.delivered sms',
  ]);
  expect(await tell('letter', id, { kind: 'delivered' })).toBe('no-delivery');
});

it('a fallback claimed on the dearer channel gives its cost back once the first turns out to have arrived', async () => {
  const { campaign, wave } = await oneByEmailThenSms({
    email: { kind: 'failed', code: '550' },
    sms: ACCEPTED,
  });
  await wave.run();
  const { campaignId } = campaign;
  await database.db
    .app`insert into campaign_budgets (campaign_id, limit_micros, spent_micros) values (${campaignId}, 100000, 45000)`;
  await database.db.app`update deliveries set state = 'claimed', channel = 'sms', cost_micros = 45000`;
  await database.db.app`
    insert into contacts (profile_id, at, nature, channel, department, campaign_id, step)
    select profile_id, now(), 'promotion', 'sms', 'd', campaign_id, step from deliveries`;
  await tell('email', (await row()).id, { kind: 'delivered' });
  expect(await row()).toMatchObject({ state: 'accepted', channel: 'email' });
  const [after] = await database.db.app`
    select b.spent_micros, c.channel from campaign_budgets b join contacts c using (campaign_id)`;
  expect(after).toEqual({ spent_micros: 0, channel: 'email' });
});

it('says nothing of a message that was planned and never handed over', async () => {
  const { wave } = await oneByEmail(() => SILENCE);
  await wave.run();
  for (const state of ['planned', 'claimed', 'skipped']) {
    await database.db.app`update deliveries set state = ${state}, attempts = 0`;
    expect(await tell('email', (await row()).id, { kind: 'delivered' })).toBe('no-delivery');
  }
  expect(await events()).toEqual([]);
});

it.each([
  [SOFT, { kind: 'delivered' } as const],
  [{ kind: 'delivered' } as const, SOFT],
])(
  'comes to the same in whatever order a soft bounce and the arrival after it are told: %p first',
  async (...order) => {
    const { campaign, wave } = await oneByEmail(() => ({ kind: 'uncertain', code: 'no-answer' }));
    await wave.run();
    const { id } = await row();
    for (const happening of order) expect(await tell('email', id, happening)).toBe('new');
    expect((await row()).state).toBe('accepted');
    expect(await contactsOutOfStep(database.db, campaign.campaignId)).toBe(0);
  },
);

it('every proof of a letter says that it left', () => {
  expect(ARRIVED.filter((type) => type.startsWith('message.letter-'))).toHaveLength(LETTER_PROOFS.length);
});
