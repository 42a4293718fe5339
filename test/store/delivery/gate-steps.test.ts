import type { StepCondition } from '../../../domain/campaigns/scenario';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { DAY_MS, fromNow, HOUR_MS, ledger, said, throughGate, type GateAnswer } from '../../support/gate';
import { seedCampaign, seedPeople, type SeededCampaign } from '../../support/seed-campaign';

let database: FreshDatabase;
let people: number[];
beforeEach(async () => {
  database = await freshDatabase(4);
  people = await seedPeople(database.db, 6);
});
afterEach(() => database.close());

const person = (n: number): number => people[n] ?? 0;

const withStep = (when: StepCondition, more: object = {}): Promise<SeededCampaign> =>
  seedCampaign(database.db, {
    people,
    scenario: { steps: [{ key: 'again', when, afterSeconds: 3_600 }], ...more },
  });

/** The first message as it ended, and when. */
const ended = (states: readonly string[], hoursAgo = 2) =>
  database.db.app`
    update deliveries d set state = s.state, settled_at = now() - make_interval(hours => ${hoursAgo}::int)
    from unnest(${people.slice(0, states.length)}::bigint[], ${[...states]}::text[]) as s (id, state) where s.id = d.profile_id and d.step = 'first'`;

const event = (n: number, type: string, hoursAgo = 1) =>
  database.db.app`
    insert into events (id, profile_id, type, at, campaign_id, delivery_id)
    select ${`${type} ${n}`}, profile_id, ${type}, now() - make_interval(hours => ${hoursAgo}::int), campaign_id, id
    from deliveries where profile_id = ${person(n)} and step = 'first'`;

const again = (campaign: SeededCampaign, deadlineAt = fromNow(DAY_MS)): Promise<GateAnswer[]> =>
  throughGate(database.db, campaign, { step: 'again', deadlineAt });

const STATES = ['accepted', 'accepted', 'accepted', 'failed', 'skipped', 'uncertain'];
const OTHERS = ['skipped not-contacted', 'skipped not-contacted', 'skipped not-contacted'];

it.each([
  ['accepted', ['claimed email', 'claimed email', 'claimed email', ...OTHERS]],
  ['not-clicked', ['skipped condition', 'claimed email', 'claimed email', ...OTHERS]],
  ['not-opened', ['skipped condition', 'skipped condition', 'claimed email', ...OTHERS]],
  ['not-converted', ['claimed email', 'claimed email', 'skipped condition', ...OTHERS]],
  [
    'failed',
    [
      'skipped condition',
      'skipped condition',
      'claimed email',
      'claimed email',
      'skipped not-contacted',
      'skipped not-contacted',
    ],
  ],
] as const)('a step for whom it is %s', async (when, expected) => {
  const campaign = await withStep(when);
  await throughGate(database.db, campaign);
  await ended(STATES);
  await event(0, 'message.clicked');
  await event(1, 'message.opened');
  await event(2, 'visit');
  await event(1, 'visit', 3);
  // Taken by the carrier, and refused at the door: it did not arrive.
  await event(2, 'message.letter-refused');
  expect(said(await again(campaign))).toEqual(expected);
});

it('waits for its time with each person, then asks again', async () => {
  const campaign = await withStep('not-clicked');
  await throughGate(database.db, campaign);
  await ended(Array(6).fill('accepted'), 0);
  const first = await again(campaign);
  expect(new Set(said(first))).toEqual(new Set(['planned not-due']));
  expect(Math.abs((first[0]?.notBefore?.getTime() ?? 0) - Date.now() - HOUR_MS)).toBeLessThan(20_000);
  await event(0, 'message.clicked', 0);
  await ended(Array(6).fill('accepted'), 1);
  await database.db.app`update deliveries set not_before = now() where step = 'again'`;
  await throughGate(database.db, campaign, { step: 'again', source: 'due' });
  expect(said(await ledger(database.db, campaign.campaignId, 'again'))).toEqual([
    'skipped condition',
    ...Array(5).fill('claimed email'),
  ]);
});

it('refuses nobody before its time: a consent given meanwhile counts, one withdrawn too', async () => {
  const { app } = database.db;
  const campaign = await withStep('accepted');
  await throughGate(database.db, campaign);
  await ended(Array(6).fill('accepted'), 0);
  const grant = (n: number, granted: boolean) =>
    app`update consent_state set granted = ${granted} where profile_id = ${person(n)}`;
  await grant(0, false);
  expect(new Set(said(await again(campaign)))).toEqual(new Set(['planned not-due']));
  await grant(0, true);
  await grant(1, false);
  await ended(Array(6).fill('accepted'), 1);
  await app`update deliveries set not_before = now() where step = 'again'`;
  await throughGate(database.db, campaign, { step: 'again', source: 'due' });
  expect(said(await ledger(database.db, campaign.campaignId, 'again'))).toEqual([
    'claimed email',
    'skipped no-consent',
    ...Array(4).fill('claimed email'),
  ]);
});

it('cannot wait past its deadline', async () => {
  const campaign = await withStep('accepted');
  await throughGate(database.db, campaign);
  await ended(['accepted'], 0);
  expect(said(await again(campaign, fromNow(HOUR_MS / 2)))[0]).toBe('skipped not-due');
});

it('keeps the arm of the earlier message, whichever the wave gave it, and judges the control', async () => {
  const { db } = database;
  const campaign = await seedCampaign(db, {
    people,
    part: 'rollout',
    arms: [{ key: 'a' }, { key: 'b' }],
    scenario: { steps: [{ key: 'again', when: 'accepted', afterSeconds: 1 }] },
  });
  await throughGate(db, campaign, { arm: 'b' });
  await ended(['accepted', 'accepted', 'skipped', 'skipped', 'skipped', 'claimed']);
  expect((await again(campaign)).map((row) => `${row.state} ${row.arm}`)).toEqual([
    'claimed b',
    'claimed b',
    ...Array(3).fill('skipped b'),
    'planned b',
  ]);

  const tested = await seedCampaign(db, {
    campaignId: 'ctestaaaaaaa',
    people,
    arms: [{ key: 'a' }, { key: 'none', control: true }],
    scenario: { steps: [{ key: 'again', when: 'accepted', afterSeconds: 3_600 }] },
  });
  await db.app`update profiles set email_fp = null where id = ${person(1)}`;
  await throughGate(db, tested);
  await db.app`update control_gate set gated_at = now() - interval '2 hours' where profile_id <> ${person(3)}`;
  await again(tested);
  const rows = await db.app<{ allowed: boolean; reason: string | null; later: boolean }[]>`
    select allowed, reason, gated_at > now() + interval '30 minutes' as later from control_gate where step = 'again' order by profile_id`;
  expect(rows.map((row) => [row.allowed, row.reason, row.later])).toEqual([
    [false, 'not-contacted', false],
    [true, 'not-due', true],
    [true, null, false],
  ]);
});

it('in a continuous campaign waits for who has just entered', async () => {
  const campaign = await withStep('accepted', {
    kind: 'continuous',
    continuous: { periodSeconds: 86_400 },
  });
  expect(new Set(said(await again(campaign)))).toEqual(new Set(['planned not-contacted']));
});
