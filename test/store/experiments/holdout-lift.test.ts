import { drawnHoldouts, holdoutSchema } from '../../../domain/delivery/holdout';
import { eventTypeSchema } from '../../../domain/events/event-type';
import { assignmentHash } from '../../../store/assignment';
import { holdoutMonths } from '../../../store/experiments/holdout-lift';
import { createPoliciesStore } from '../../../store/policies-store';
import { mergeProfiles } from '../../../store/profile-merging';
import { apiUnderTest, type ApiUnderTest } from '../../support/api';
import { seedPeople } from '../../support/seed-campaign';
import { recordEvent } from './test-wave';

const NOW = new Date('2026-05-10T10:00:00Z');
const policy = holdoutSchema.parse({ share: 0.25, start: '2026-02-10', period: 'quarter', market: 'FR' });

let api: ApiUnderTest;
let people: number[];

/** Whether the policy holds somebody out at a moment, by the published hash. */
const held = (id: number, at: string): boolean => {
  const [drawn] = drawnHoldouts({ all: policy }, new Date(at));
  return drawn !== undefined && assignmentHash(drawn.salt, id) < drawn.share;
};

/** As if its last change had been made then. */
const saidOn = (at: string) => api.database.db.app`
  update policy_changes set changed_at = ${at}::timestamptz where id = (select max(id) from policy_changes)`;

beforeAll(async () => {
  api = await apiUnderTest();
  const { db } = api.database;
  await createPoliciesStore(db.app).put('holdout', 'all', policy, 'test');
  await saidOn('2026-01-15T00:00:00Z');
  people = await seedPeople(db, 400);
  await db.app`update profiles set created_at = '2026-01-01'`;
  // Came after the draw began, and lives elsewhere: neither is in it.
  await db.app`update profiles set created_at = '2026-02-10T00:00:01Z' where id = ${people[0] ?? 0}`;
  await db.app`update profiles set market = 'BE' where id = ${people[1] ?? 0}`;
});
afterAll(() => api.close());

const bought = async (id: number | undefined, at: string, cents: number, currency: string | null = null) => {
  await recordEvent(api.database.db, { profileId: id ?? 0, type: 'purchase', at });
  await api.database.db.app`
    update events set value_cents = ${cents}, currency = ${currency} where profile_id = ${id ?? 0} and at = ${at}::timestamptz`;
};

const counted = async (kind: 'share' | 'amount') =>
  (
    await holdoutMonths(
      api.database.db.app,
      'all',
      kind === 'share' ? { kind, event: 'purchase' } : { kind, event: 'purchase', currency: 'EUR' },
      NOW,
    )
  )?.months.map(({ month, held: h, others }) => ({ month, held: { ...h }, others: { ...others } }));

test('each draw is counted person by person, month by month, in the market’s time', async () => {
  const sql = api.database.db.app;
  const inDraw = people.slice(2);
  const [a, b] = inDraw.filter((id) => held(id, '2026-02-20T00:00:00Z'));
  const [c, d] = inDraw.filter((id) => !held(id, '2026-02-20T00:00:00Z'));
  await bought(a, '2026-02-09T22:59:59Z', 500);
  await bought(a, '2026-02-28T22:30:00Z', 1_000);
  // Half past midnight in Paris: March.
  await bought(a, '2026-02-28T23:30:00Z', 200);
  await bought(b, '2026-03-10T08:00:00Z', 300, 'USD');
  await bought(c, '2026-02-15T08:00:00Z', 700);
  await bought(c, '2026-02-16T08:00:00Z', 50);
  await bought(c, '2026-03-16T08:00:00Z', 250);
  await bought(d, '2026-04-16T08:00:00Z', 400);
  await bought(people[0], '2026-02-20T08:00:00Z', 9_999);
  await bought(people[1], '2026-02-20T08:00:00Z', 9_999);
  // Bought as somebody else, who turns out to be the same person.
  const [twin] = await seedPeople(api.database.db, 1);
  await sql`update profiles set created_at = '2026-01-01' where id = ${twin ?? 0}`;
  await bought(twin, '2026-03-20T08:00:00Z', 30);
  await api.database.db.identity.begin((tx) =>
    mergeProfiles(tx, 'a pepper', {
      kept: c ?? 0,
      merged: twin ?? 0,
      reason: 'email',
      source: 'test',
      by: 'anne',
    }),
  );

  const n = (at: string) => {
    const out = inDraw.filter((id) => held(id, at)).length;
    return { held: out, others: inDraw.length - out };
  };
  const [first, second] = [n('2026-02-20T00:00:00Z'), n('2026-04-02T00:00:00Z')];
  expect(await counted('share')).toEqual([
    {
      month: '2026-02',
      held: { n: first.held, reached: 1, sum: 1, sumOfSquares: 1 },
      others: { n: first.others, reached: 1, sum: 1, sumOfSquares: 1 },
    },
    {
      month: '2026-03',
      held: { n: first.held, reached: 2, sum: 2, sumOfSquares: 2 },
      others: { n: first.others, reached: 1, sum: 1, sumOfSquares: 1 },
    },
    // The next draw, in which who came in February is known already.
    {
      month: '2026-04',
      held: {
        n: second.held + Number(held(people[0] ?? 0, '2026-04-02T00:00:00Z')),
        reached: Number(held(d ?? 0, '2026-04-02T00:00:00Z')),
        sum: expect.any(Number),
        sumOfSquares: expect.any(Number),
      },
      others: expect.objectContaining({ reached: Number(!held(d ?? 0, '2026-04-02T00:00:00Z')) }),
    },
  ]);
  const amounts = await counted('amount');
  expect(amounts?.slice(0, 2)).toEqual([
    {
      month: '2026-02',
      held: { n: first.held, reached: 1, sum: 1_000, sumOfSquares: 1_000_000 },
      others: { n: first.others, reached: 1, sum: 750, sumOfSquares: 562_500 },
    },
    {
      month: '2026-03',
      held: { n: first.held, reached: 1, sum: 1_200, sumOfSquares: 1_440_000 },
      others: { n: first.others, reached: 1, sum: 1_030, sumOfSquares: 1_060_900 },
    },
  ]);
});

test('over REST: the programme so far, and what cannot be read', async () => {
  const read = (path: string) => api.call('GET', `/v1/holdouts/${path}`, { as: 'viewer' });
  const answer = (await read('all/lift?event=purchase')).json();
  expect(answer).toMatchObject({
    holdout: { key: 'all', share: 0.25, market: 'FR', start: '2026-02-10', period: 'quarter' },
    measure: { event: 'purchase', kind: 'share', currency: null },
    latest: { verdict: 'too-few' },
  });
  expect(answer.months.length).toBeGreaterThanOrEqual(3);
  expect((await read('none/lift?event=purchase')).json()).toMatchObject({ status: 404, code: 'not-found' });
  expect((await read('all/lift')).json()).toMatchObject({ status: 400, faults: [{ path: '/query/event' }] });
  expect((await read('all/lift?event=purchase&alpha=2')).statusCode).toBe(400);
  await createPoliciesStore(api.database.db.app).put(
    'holdout',
    'later',
    { ...policy, start: '2099-01-01' },
    'test',
  );
  expect((await read('later/lift?event=purchase&kind=amount')).json()).toMatchObject({
    begun: false,
    months: [],
    latest: null,
  });
  expect((await read('all/lift?event=purchse')).json()).toMatchObject({
    status: 400,
    faults: [{ path: '/query/event' }],
  });
  await createPoliciesStore(api.database.db.app).put(
    'event-type',
    'visits',
    eventTypeSchema.parse({ type: 'visit', about: 'Came by.' }),
    'test',
  );
  expect((await read('all/lift?event=visit')).statusCode).toBe(200);
});

test('a share that was raised holds nobody out in hindsight', async () => {
  const { db } = api.database;
  const lasting = holdoutSchema.parse({ share: 0.1, start: '2026-01-01', period: 'none', market: 'IT' });
  const say = async (at: string, share: number) => {
    await createPoliciesStore(db.app).put('holdout', 'lasting', { ...lasting, share }, 'test');
    await saidOn(at);
  };
  await say('2026-02-01T00:00:00Z', 0.1);
  await say('2026-03-31T22:00:00Z', 0.4);
  const own = await seedPeople(db, 300);
  await db.app`update profiles set created_at = '2026-01-01', market = 'IT' where id in ${db.app(own)}`;
  const below = (share: number) =>
    own.filter((id) => assignmentHash('holdout.lasting.always', id) < share).length;
  const { months = [] } =
    (await holdoutMonths(db.app, 'lasting', { kind: 'share', event: 'purchase' }, NOW)) ?? {};
  expect(below(0.4)).toBeGreaterThan(below(0.1));
  expect(months.map(({ month, held: h, others }) => [month, h.n, others.n])).toEqual([
    ['2026-02', below(0.1), 300 - below(0.1)],
    ['2026-03', below(0.1), 300 - below(0.1)],
    ['2026-04', below(0.4), 300 - below(0.4)],
  ]);
});
