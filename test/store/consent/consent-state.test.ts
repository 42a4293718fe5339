import * as fc from 'fast-check';
import { CONSENT_ACTIONS, type ConsentEvent } from '../../../domain/consent/consent';
import { holdsAt, replayConsents } from '../../../domain/consent/replay';
import { endConsents } from '../../../store/consent-append';
import { createConsentStore, type ConsentStore } from '../../../store/consent-store';
import { freshDatabase, type FreshDatabase } from '../../support/database';

let database: FreshDatabase;
let consents: ConsentStore;
beforeAll(async () => {
  database = await freshDatabase(3);
  consents = createConsentStore(database.db.app);
});
afterAll(() => database.close());

let lastProfile = 0;
/** Somebody nobody has said anything about yet. */
const somebody = async (): Promise<number> => {
  lastProfile += 1;
  await database.db
    .app`insert into profiles (id, source) overriding system value values (${lastProfile}, 'test')`;
  return lastProfile;
};

const START = Date.parse('2026-03-01T00:00:00Z');
const day = (n: number): string => new Date(START + n * 86_400_000).toISOString();

const promotion = (profileId: number, change: Partial<ConsentEvent>): ConsentEvent => ({
  profileId,
  purpose: 'promotion',
  channel: 'email',
  action: 'granted',
  at: day(0),
  source: 'form',
  recordedBy: 'test',
  ...change,
});

/** Several about the same days, so that events meet at one instant. */
const said = fc.record({
  purpose: fc.constantFrom('promotion' as const, 'newsletter' as const),
  channel: fc.constantFrom('email' as const, 'sms' as const),
  action: fc.constantFrom(...CONSENT_ACTIONS),
  day: fc.integer({ min: 0, max: 6 }),
  expiresDay: fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }),
  source: fc.constantFrom('form', 'call'),
});
const calls = fc.array(fc.array(said, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 });

test('the state is the replay of the events, in whatever order and groups they arrive', async () => {
  await fc.assert(
    fc.asyncProperty(calls, fc.infiniteStream(fc.nat()), async (groups, shuffle) => {
      const [first, second] = [await somebody(), await somebody()];
      const events = (profileId: number) =>
        groups.map((group) =>
          group.map(({ day: at, expiresDay, ...rest }) => ({
            ...rest,
            profileId,
            at: day(at),
            ...(expiresDay === undefined ? {} : { expiresAt: day(expiresDay) }),
            recordedBy: 'test',
          })),
        );
      for (const group of events(first)) await consents.append(group);
      const order = events(second).flat();
      const places = order.map(() => shuffle.next().value ?? 0);
      const shuffled = order
        .map((event, at) => ({ event, place: places[at] ?? 0 }))
        .sort((a, b) => a.place - b.place);
      for (const { event } of shuffled) await consents.append([event]);

      for (const profileId of [first, second])
        expect(await consents.of(profileId)).toEqual(
          replayConsents((await consents.history(profileId)) ?? []),
        );
      const verdict = async (profileId: number) =>
        (await consents.of(profileId)).map(({ purpose, channel, granted, at }) => ({
          purpose,
          channel,
          granted,
          at,
        }));
      // Of two grants at one instant either may hold; that it is a grant, and whose moment, is the same in every order.
      expect(await verdict(second)).toEqual(await verdict(first));
    }),
    { numRuns: 40 },
  );
});

test('an older event that comes late changes nothing, a request never does', async () => {
  const profileId = await somebody();
  await consents.append([promotion(profileId, { action: 'withdrawn', at: day(5) })]);
  await consents.append([promotion(profileId, { at: day(4) })]);
  await consents.append([promotion(profileId, { action: 'requested', at: day(8) })]);
  expect(await consents.of(profileId)).toMatchObject([{ granted: false, at: new Date(day(5)) }]);
  await consents.append([promotion(profileId, { at: day(6) })]);
  expect(await consents.of(profileId)).toMatchObject([{ granted: true, at: new Date(day(6)) }]);
  const other = await somebody();
  await consents.append([promotion(other, { action: 'requested' })]);
  expect(await consents.of(other)).toEqual([]);
  expect(await consents.history(other)).toHaveLength(1);
});

test('of a yes and a no at the same instant the no holds', async () => {
  for (const order of [['granted', 'refused'] as const, ['refused', 'granted'] as const]) {
    const profileId = await somebody();
    for (const action of order) await consents.append([promotion(profileId, { action })]);
    expect(await consents.of(profileId)).toMatchObject([{ granted: false }]);
  }
});

test('a consent does not hold at the instant it expires, nor where nothing was said', async () => {
  const profileId = await somebody();
  await consents.append([promotion(profileId, { expiresAt: day(3) })]);
  const [state] = await consents.of(profileId);
  expect(holdsAt(state, new Date(Date.parse(day(3)) - 1))).toBe(true);
  expect(holdsAt(state, new Date(day(3)))).toBe(false);
  expect(holdsAt(undefined, new Date(day(0)))).toBe(false);
});

test('a withdrawal holds over a grant dated ahead of our clock, and once', async () => {
  const profileId = await somebody();
  const ahead = new Date(Date.now() + 3_600_000).toISOString();
  await consents.append([promotion(profileId, { at: ahead })]);
  const withdrawal = {
    profileId,
    purpose: 'promotion',
    channel: 'email',
    source: 's',
    recordedBy: 't',
  } as const;
  expect(await consents.withdraw(withdrawal)).toBe(true);
  expect(await consents.withdraw(withdrawal)).toBe(false);
  expect(await consents.of(profileId)).toMatchObject([{ granted: false }]);
});

test('withdrawals racing with grants leave the state the events come to', async () => {
  const profileId = await somebody();
  const withdrawal = {
    profileId,
    purpose: 'promotion',
    channel: 'email',
    source: 's',
    recordedBy: 't',
  } as const;
  await Promise.all(
    Array.from({ length: 30 }, (_, n) =>
      n % 3 === 0
        ? consents.withdraw(withdrawal)
        : consents.append([promotion(profileId, { at: new Date().toISOString(), source: `form-${n}` })]),
    ),
  );
  expect(await consents.of(profileId)).toEqual(replayConsents((await consents.history(profileId)) ?? []));
});

describe('who is told of what ends', () => {
  const told = () => database.db.app<{ payload: Record<string, unknown>; event_id: string }[]>`
    select payload, event_id from webhook_outbox where subscription_id = 'w1' order by id`;
  beforeAll(async () => {
    await database.db.app`
      insert into webhook_subscriptions (id, url, secret, events, created_by, disabled_at)
      values ('w1', 'https://example.test/', 's', '{consent.withdrawn}', 'test', null),
        ('w2', 'https://example.test/', 's', '{incident.opened}', 'test', null),
        ('w3', 'https://example.test/', 's', '{consent.withdrawn}', 'test', now())`;
  });
  beforeEach(() => database.db.app`delete from webhook_outbox`);

  test('a yes that becomes a no, and a first no; in ids and codes', async () => {
    const profileId = await somebody();
    await consents.append([promotion(profileId, {})]);
    expect(await told()).toEqual([]);
    await consents.append([
      promotion(profileId, { action: 'objected', at: day(2), source: 'objection-phone' }),
    ]);
    const [event] = (await consents.history(profileId))?.slice(-1) ?? [];
    expect(await told()).toEqual([
      {
        event_id: `consent.${event?.id}`,
        payload: {
          eventId: event?.id,
          profileId,
          purpose: 'promotion',
          channel: 'email',
          action: 'objected',
          at: '2026-03-03T00:00:00.000Z',
          source: 'objection-phone',
        },
      },
    ]);
    await consents.append([promotion(profileId, { purpose: 'survey', action: 'refused' })]);
    expect((await told()).map(({ payload }) => payload['action'])).toEqual(['objected', 'refused']);
    const [{ n } = { n: -1 }] = await database.db.app<
      { n: number }[]
    >`select count(*) as n from webhook_outbox where subscription_id <> 'w1'`;
    expect(n).toBe(0);
  });

  test('not what changed nothing: an older no, a no after a no, a request, the end of its time', async () => {
    const profileId = await somebody();
    await consents.append([promotion(profileId, { at: day(5) })]);
    await consents.append([promotion(profileId, { action: 'refused', at: day(1) })]);
    await consents.append([promotion(profileId, { action: 'requested', at: day(6) })]);
    expect(await told()).toEqual([]);
    await consents.append([promotion(profileId, { action: 'withdrawn', at: day(7) })]);
    await consents.append([promotion(profileId, { action: 'refused', at: day(8) })]);
    expect(await told()).toHaveLength(1);
    const other = await somebody();
    await consents.append([promotion(other, { action: 'expired' })]);
    expect(await told()).toHaveLength(1);
  });

  test('nothing of a transaction that is rolled back', async () => {
    const profileId = await somebody();
    await consents.append([promotion(profileId, {})]);
    await database.db.app
      .begin(async (tx) => {
        const end = { profileId, purpose: 'promotion', channel: 'email', action: 'withdrawn' } as const;
        expect(await endConsents(tx, [{ ...end, source: 's', evidence: {}, recordedBy: 't' }])).toBe(1);
        throw new Error('rolled back');
      })
      .catch(() => undefined);
    expect(await told()).toEqual([]);
    expect(await consents.of(profileId)).toMatchObject([{ granted: true }]);
  });
});

test('STOP ends the marketing of its channel and nothing else', async () => {
  const profileId = await somebody();
  await consents.append([
    promotion(profileId, { channel: 'sms' }),
    promotion(profileId, { channel: 'sms', purpose: 'service' }),
    promotion(profileId, { channel: 'email' }),
  ]);
  const stop = { profileId, channel: 'sms', source: 'sms-stop', recordedBy: 'recipient' } as const;
  expect(await consents.withdrawChannel(stop)).toBe(3);
  expect(await consents.withdrawChannel(stop)).toBe(0);
  const state = await consents.of(profileId);
  expect(state.filter(({ granted }) => granted).map((s) => `${s.purpose} ${s.channel}`)).toEqual([
    'promotion email',
    'service sms',
  ]);
  expect(state.filter(({ granted }) => !granted).map((s) => `${s.purpose} ${s.channel}`)).toEqual([
    'newsletter sms',
    'promotion sms',
    'survey sms',
  ]);
});
