import type { ProviderEvent } from '../../../domain/delivery/provider-event';
import { createLedgerStore } from '../../../store/ledger-store';
import { createProviderEventsStore, type ProviderEventsStore } from '../../../store/provider-events-store';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { deliveryBench, fakeSender } from '../../support/delivery-bench';
import { seedCampaign } from '../../support/seed-campaign';
import { contactsOutOfStep, planTestWave } from '../../support/wave';

let database: FreshDatabase;
let provider: ProviderEventsStore;
beforeEach(async () => {
  database = await freshDatabase();
  provider = createProviderEventsStore(database.db.app, ['email']);
});
afterEach(() => database.close());

const AT = new Date('2026-11-22T10:00:00Z');

async function sent(people = 4, behave?: Parameters<typeof fakeSender>[0]) {
  const campaign = await seedCampaign(database.db, { people });
  const { activities } = deliveryBench(database.db, campaign, fakeSender(behave));
  await (await planTestWave(activities, campaign)).run();
  const rows = await database.db.app<{ id: number; profile_id: number }[]>`
    select id, profile_id from deliveries order by profile_id`;
  return { campaign, ids: rows.map((row) => row.id), profileIds: rows.map((row) => row.profile_id) };
}

const event = (
  deliveryId: number,
  happening: ProviderEvent['happening'],
  id = `p1.${deliveryId}`,
): ProviderEvent => ({
  id,
  at: AT,
  ref: { deliveryId },
  happening,
  by: 'webhook',
});
const states = async () =>
  (await database.db.app<{ state: string }[]>`select state from deliveries order by profile_id`).map(
    (r) => r.state,
  );
const suppressed = async () =>
  (
    await database.db.app<{ profile_id: number; reason: string }[]>`
    select p.id as profile_id, s.reason from suppressions s join profiles p on p.email_fp = s.fingerprint order by p.id`
  ).map(({ profile_id, reason }) => [profile_id, reason]);
const types = async (deliveryId: number) =>
  (
    await database.db.app<{ type: string }[]>`
    select type from events where delivery_id = ${deliveryId} order by type`
  ).map((r) => r.type);

it('buries an address that is dead, and no other', async () => {
  const { ids, profileIds } = await sent(5);
  const bounce = (hard: boolean, code: string | null) => ({ kind: 'bounced', hard, code }) as const;
  const codes = [
    bounce(true, '550 5.1.1'),
    bounce(true, '550 5.7.1'),
    bounce(false, '452 4.2.2'),
    bounce(true, null),
    bounce(true, '550'),
  ];
  await Promise.all(ids.map((id, i) => provider.record(event(id, codes[i] ?? bounce(false, null), `p${i}`))));
  expect(await suppressed()).toEqual([0, 3, 4].map((i) => [profileIds[i], 'hard-bounce']));
});

it('a complaint suppresses the address for everything, official messages too', async () => {
  const { ids, profileIds } = await sent(2);
  const [id = 0] = ids;
  expect(await provider.record(event(id, { kind: 'complained' }))).toEqual({
    outcome: 'new',
    deliveryId: id,
  });
  expect((await provider.record(event(id, { kind: 'complained' }, 'p2'))).outcome).toBe('known');
  const next = await seedCampaign(database.db, {
    campaignId: 'cnextaaaaaaa',
    people: profileIds,
    nature: 'official',
  });
  const { activities } = deliveryBench(database.db, next, fakeSender());
  await (await planTestWave(activities, next)).run();
  const skipped = await createLedgerStore(database.db.app).list({
    campaignId: next.campaignId,
    state: 'skipped',
    limit: 10,
  });
  expect(skipped.map((row) => [row.profileId, row.reason])).toEqual([[profileIds[0], 'suppressed']]);
});

it('settles what nobody knew the fate of, and nothing else; a bounce gives its contact back', async () => {
  const { campaign, ids } = await sent(4, (_, nth) =>
    nth === 4 ? { kind: 'accepted', providerId: 'q' } : { kind: 'uncertain', code: 'no-answer' },
  );
  const uncertainFirst = await states();
  const [a = 0, b = 0, c = 0, d = 0] = ids
    .filter((_, i) => uncertainFirst[i] === 'uncertain')
    .concat(ids.filter((_, i) => uncertainFirst[i] === 'accepted'));
  await provider.record(event(a, { kind: 'delivered' }));
  await provider.record(event(b, { kind: 'bounced', hard: true, code: '550 5.1.1' }));
  await provider.record(event(c, { kind: 'returned' }));
  await provider.record(event(d, { kind: 'bounced', hard: false, code: '452 4.2.2' }));
  const after = await database.db.app<{ id: number; state: string; code: string | null }[]>`
    select id, state, code from deliveries`;
  expect(Object.fromEntries(after.map((row) => [row.id, row.state]))).toEqual({
    [a]: 'accepted',
    [b]: 'failed',
    [c]: 'uncertain',
    [d]: 'accepted',
  });
  expect(after.find((row) => row.id === b)?.code).toBe('550 5.1.1');
  expect(await contactsOutOfStep(database.db, campaign.campaignId)).toBe(0);
});

it('settles a row that its event came too early for: told while we still waited for the relay', async () => {
  const { ids } = await sent(4, async (email, nth) => {
    if (nth < 3) await provider.record(event(email.deliveryId, { kind: 'delivered' }, `d${nth}`));
    if (nth === 3)
      await provider.record(event(email.deliveryId, { kind: 'bounced', hard: false, code: '452 4.2.2' }));
    return { kind: 'uncertain', code: 'no-answer' };
  });
  expect((await states()).sort()).toEqual(['accepted', 'accepted', 'failed', 'uncertain']);
  expect(ids).toHaveLength(4);
});

it('finds a message by what the relay answered, unless two have the same answer', async () => {
  const { ids } = await sent(3, (_, nth) => ({
    kind: 'accepted',
    providerId: nth < 3 ? 'reused' : 'only-one',
  }));
  const told = (providerId: string) =>
    provider.record({
      id: providerId,
      at: AT,
      ref: { providerId },
      happening: { kind: 'delivered' },
      by: 'webhook',
    });
  expect(await told('reused')).toEqual({ outcome: 'no-delivery' });
  expect(await told('never-given')).toEqual({ outcome: 'no-delivery' });
  const known = await told('only-one');
  expect(known.outcome === 'new' && ids.includes(known.deliveryId)).toBe(true);
});

it('takes no proof that the ledger does not confirm', async () => {
  const { campaign, ids, profileIds } = await sent(2);
  const [id = 0] = ids;
  const [row] = await database.db.app<
    { fp: Buffer }[]
  >`select email_fp as fp from profiles where id = ${profileIds[1] ?? 0}`;
  const tell = async (ref: ProviderEvent['ref']) =>
    (await provider.record({ ...event(id, { kind: 'delivered' }), ref })).outcome;
  expect(await tell({ deliveryId: id, campaignId: 'cotheraaaaaa' })).toBe('no-delivery');
  expect(
    await tell({ deliveryId: id, campaignId: campaign.campaignId, addressFp: row?.fp.toString('hex') ?? '' }),
  ).toBe('no-delivery');
  expect(await tell({ deliveryId: id, campaignId: campaign.campaignId })).toBe('new');
});

it('a thousand events told twice at once, in any order, count once each', async () => {
  const { ids } = await sent(50);
  const kinds = ['delivered', 'complained', 'deferred', 'bounced'] as const;
  const told = ids.flatMap((id) =>
    kinds.map((kind) =>
      event(id, kind === 'bounced' ? { kind, hard: false, code: null } : { kind }, `${kind}-${id}`),
    ),
  );
  const other = createProviderEventsStore(database.db.app, ['email']);
  const answers = await Promise.all([
    ...told.map((one) => provider.record(one)),
    ...[...told].reverse().map((one) => other.record(one)),
    ...told.map((one) => provider.record(one)),
  ]);
  expect(answers.filter(({ outcome }) => outcome === 'new')).toHaveLength(200);
  expect(await types(ids[7] ?? 0)).toEqual([
    'message.bounced',
    'message.complained',
    'message.deferred',
    'message.delivered',
  ]);
  const [{ n } = { n: 0 }] = await database.db.app<{ n: number }[]>`select count(*) as n from events`;
  expect(n).toBe(200);
});

it('an id of an event stands for one message: told of another, nothing of it is taken', async () => {
  const { ids, profileIds } = await sent(4);
  const [a = 0, b = 0, c = 0, d = 0] = ids;
  const dead = { kind: 'bounced', hard: true, code: '550 5.1.1' } as const;
  expect(await provider.record(event(a, { kind: 'delivered' }, 'x1'))).toMatchObject({ outcome: 'new' });
  expect(await provider.record(event(b, dead, 'x1'))).toEqual({ outcome: 'contradicts', deliveryId: b });
  // One group, and another process: the first of them is meant.
  const other = createProviderEventsStore(database.db.app, ['email']);
  const group = [provider.record(event(c, dead, 'x0')), provider.record(event(c, dead, 'x2'))];
  const second = [provider.record(event(d, dead, 'x2')), provider.record(event(c, dead, 'x2'))];
  expect((await Promise.all([...group, ...second])).map(({ outcome }) => outcome)).toEqual([
    'new',
    'known',
    'contradicts',
    'known',
  ]);
  expect((await other.record(event(d, { kind: 'complained' }, 'x0'))).outcome).toBe('contradicts');
  // The same id of a report, or on another channel, is another teller's.
  expect((await provider.record({ ...event(d, { kind: 'delivered' }, 'x1'), by: 'report' })).outcome).toBe(
    'new',
  );
  // Under one id, one message may be told of more than once.
  expect((await provider.record(event(a, { kind: 'complained' }, 'x1'))).outcome).toBe('new');
  expect(await suppressed()).toEqual([
    [profileIds[0], 'complaint'],
    [profileIds[2], 'hard-bounce'],
  ]);
  expect(await types(b)).toEqual([]);
});
