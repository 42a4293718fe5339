import { DateTime } from 'luxon';
import type { ScenarioInput } from '../../../domain/campaigns/scenario';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { consent, contact, DAY_MS, fromNow, ledger, policy, said, throughGate } from '../../support/gate';
import { createWebhooksStore } from '../../../store/webhooks-store';
import { notices } from '../../support/notices';
import { seedCampaign, seedPeople, type SeededCampaign } from '../../support/seed-campaign';

let database: FreshDatabase;
let people: number[];
beforeEach(async () => {
  database = await freshDatabase(4);
  people = await seedPeople(database.db, 4);
  await policy(database.db, 'cap', 'promo', { nature: 'promotion', limit: 1, windowDays: 14 });
});
afterEach(() => database.close());

const person = (n: number): number => people[n] ?? 0;

/** Approved and frozen, on its way. */
async function approved(
  campaignId: string,
  scenario: Partial<ScenarioInput> = {},
  who: readonly number[] = people,
): Promise<SeededCampaign> {
  const { db } = database;
  const campaign = await seedCampaign(db, { campaignId, people: who, scenario });
  await db.app`update campaigns set approved_hash = 'h', stage = 'rollout' where id = ${campaignId}`;
  await db.app`
    insert into audiences (campaign_id, matched, excluded, holdout, members, arms, parts, personas, definition_sha256)
    values (${campaignId}, 0, '{}', 0, 0, '{}', '{"pilot": 0, "test": 4, "rollout": 4}', '{}', 'h')`;
  return campaign;
}

const free = 'claimed email';
const outranked = (by: string): string => `planned arbitration:${by}`;
const yielded = (to: string): string => `skipped yielded:${to}`;
/** Longer than the cap's window. */
const PATIENT = 20 * DAY_MS;
const daysOff = (at: Date | null | undefined): number => ((at?.getTime() ?? 0) - Date.now()) / DAY_MS;

const HOUR = 1 / 24;
const dueNow = () => database.db.app`update deliveries set not_before = now() where state = 'planned'`;

it('who ranks lower is put off, looked at a last time before the deadline, and only then gives way', async () => {
  const low = await approved('clow', { priority: 10 });
  await approved('chigh', { priority: 90 }, people.slice(0, 2));
  const answers = await throughGate(database.db, low, { deadlineAt: fromNow(PATIENT) });
  expect(said(answers)).toEqual([outranked('chigh'), outranked('chigh'), free, free]);
  expect(daysOff(answers[0]?.notBefore)).toBeCloseTo(HOUR / 2, 3);

  const late = await approved('clate', { priority: 9 }, people.slice(0, 1));
  const again = async (inMs: number) => {
    await dueNow();
    return throughGate(database.db, late, { deadlineAt: fromNow(inMs), source: 'due' });
  };
  expect(said(await throughGate(database.db, late, { deadlineAt: fromNow(2 * DAY_MS) }))).toEqual([
    outranked('chigh'),
  ]);
  const [last] = await again(600_000);
  expect(daysOff(last?.notBefore)).toBeCloseTo(9 / 1_440, 4);
  expect(said(await again(50_000))).toEqual([yielded('chigh')]);
});

it.each([
  ['is aborted', `hold = 'aborted'`],
  ['ends', `"end" = 'stopped'`],
])('who waits gets the slot once the other %s before it has written', async (_, change) => {
  const low = await approved('clow', { priority: 10 });
  await approved('chigh', { priority: 90 });
  const deadlineAt = fromNow(2 * DAY_MS);
  expect(said(await throughGate(database.db, low, { deadlineAt }))).toEqual(
    Array(4).fill(outranked('chigh')),
  );
  await database.db.app.unsafe(`update campaigns set ${change} where id = 'chigh'`);
  await dueNow();
  expect(said(await throughGate(database.db, low, { deadlineAt, source: 'due' }))).toEqual(
    Array(4).fill(free),
  );
});

it('who waited for a campaign that has written since went to that one, where no other slot comes free in time', async () => {
  const low = await approved('clow', { priority: 10 });
  const high = await approved('chigh', { priority: 90 });
  const deadlineAt = fromNow(2 * DAY_MS);
  await throughGate(database.db, low, { deadlineAt });
  await throughGate(database.db, high, { deadlineAt });
  await dueNow();
  expect(said(await throughGate(database.db, low, { deadlineAt, source: 'due' }))).toEqual(
    Array(4).fill(yielded('chigh')),
  );
});

it('who goes first is not held, and once it has written the cap holds the other', async () => {
  const low = await approved('clow', { priority: 10 });
  const high = await approved('chigh', { priority: 90 });
  const deadlineAt = fromNow(PATIENT);
  await throughGate(database.db, low, { deadlineAt });
  expect(said(await throughGate(database.db, high, { deadlineAt }))).toEqual(Array(4).fill(free));
  await database.db.app`update deliveries set not_before = now() where campaign_id = 'clow'`;
  const again = await throughGate(database.db, low, { deadlineAt, source: 'due' });
  expect(said(again)).toEqual(Array(4).fill('planned cap:promo'));
  expect(daysOff(again[0]?.notBefore)).toBeCloseTo(14, 2);
});

it('who waits for the window keeps the slot that comes free, whoever is looked at first', async () => {
  const { db } = database;
  const high = await approved('chigh', { priority: 90 }, people.slice(0, 1));
  await contact(db, person(0), 'promotion', fromNow(-14 * DAY_MS + 5_000));
  const deadlineAt = fromNow(PATIENT);
  expect(said(await throughGate(db, high, { deadlineAt }))).toEqual(['planned cap:promo']);
  await db.app`update contacts set at = at - interval '1 minute'`;
  await db.app`update deliveries set not_before = now() - interval '1 minute'`;
  const low = await approved('clow', { priority: 10 }, people.slice(0, 1));
  expect(said(await throughGate(db, low, { deadlineAt }))).toEqual([outranked('chigh')]);
  expect(said(await throughGate(db, high, { deadlineAt, source: 'due' }))).toEqual([free]);
});

it('a roll-out still to come holds its people’s slots within the window, from the day it is planned for', async () => {
  const { db } = database;
  const testing = (windowDays: number): Partial<ScenarioInput> => ({
    priority: 90,
    primaryMetric: { event: 'visit', windowSeconds: windowDays * 86_400 },
    experiment: { testShare: 0.5 },
    arms: [
      { key: 'a', label: 'a', weight: 1 },
      { key: 'b', label: 'b', weight: 1 },
    ],
  });
  const rollsOut = async (campaignId: string, windowDays: number): Promise<void> => {
    await approved(campaignId, testing(windowDays));
    await db.app`update campaigns set stage = 'experiment' where id = ${campaignId}`;
    await db.app`
      update audience_members set part = 'rollout', arm = null, bucket = 0 where campaign_id = ${campaignId}`;
  };
  await rollsOut('chigh', 6);
  const low = await approved('clow', { priority: 10 });
  const answers = await throughGate(db, low, { deadlineAt: fromNow(30 * DAY_MS) });
  expect(said(answers)).toEqual(Array(4).fill(outranked('chigh')));
  expect(daysOff(answers[0]?.notBefore)).toBeCloseTo(3 * HOUR, 3);

  // Two weeks and more ahead: our message has left the window by then.
  await db.app`update campaigns set "end" = 'completed' where id = 'chigh'`;
  await rollsOut('clater', 15);
  await db.app`delete from deliveries`;
  expect(said(await throughGate(db, low, { deadlineAt: fromNow(30 * DAY_MS) }))).toEqual(Array(4).fill(free));
});

it('in a calendar window who goes first holds the slot of this one', async () => {
  const { db } = database;
  await policy(db, 'cap', 'promo', { nature: 'promotion', limit: 1, calendar: 'month' });
  const low = await approved('clow', { priority: 10 }, people.slice(0, 1));
  const high = await approved('chigh', { priority: 90 }, people.slice(0, 1));
  const deadlineAt = fromNow(40 * DAY_MS);
  expect(said(await throughGate(db, low, { deadlineAt }))).toEqual([outranked('chigh')]);
  await throughGate(db, high, { deadlineAt });
  await dueNow();
  const [answer] = await throughGate(db, low, { deadlineAt, source: 'due' });
  expect(answer?.notBefore?.toISOString()).toBe(
    DateTime.now().setZone('Europe/Paris').startOf('month').plus({ months: 1 }).toUTC().toISO(),
  );
});

it('with two slots, one of them used and one held, nothing is left', async () => {
  const { db } = database;
  await policy(db, 'cap', 'promo', { nature: 'promotion', limit: 2, windowDays: 14 });
  const low = await approved('clow', { priority: 10 }, people.slice(0, 2));
  await approved('chigh', { priority: 90 }, people.slice(0, 2));
  await contact(db, person(0), 'promotion', fromNow(-10 * DAY_MS));
  const answers = await throughGate(db, low, { deadlineAt: fromNow(PATIENT) });
  expect(said(answers)).toEqual([outranked('chigh'), free]);
});

it('nobody is wanted by a rival that has refused them, is held, ended, not approved, or claims no more', async () => {
  const { db } = database;
  const low = await approved('clow', { priority: 10 });
  const high = await approved('chigh', { priority: 90 });
  await consent(db, person(0), 'promotion', 'email', false);
  await throughGate(db, high, { limit: 1_000 });
  await db.app`delete from contacts`;
  await db.app`delete from deliveries where campaign_id = 'chigh' and state = 'claimed'`;
  await consent(db, person(0), 'promotion', 'email');
  const answer = async (): Promise<string[]> => {
    await db.app`delete from deliveries where campaign_id = 'clow'`;
    await db.app`delete from contacts`;
    return said(await throughGate(db, low, { deadlineAt: fromNow(PATIENT) }));
  };
  expect(await answer()).toEqual([free, ...Array(3).fill(outranked('chigh'))]);
  for (const change of [
    db.app`hold = 'paused'`,
    db.app`"end" = 'completed'`,
    db.app`approved_hash = null`,
    db.app`stage = 'observe'`,
    db.app`created_at = now() - interval '15 days'`,
  ]) {
    const [before] =
      await db.app`select hold, "end", approved_hash, stage, created_at from campaigns where id = 'chigh'`;
    await db.app`update campaigns set ${change} where id = 'chigh'`;
    expect(await answer()).toEqual(Array(4).fill(free));
    await db.app`update campaigns set ${db.app(before ?? {})} where id = 'chigh'`;
  }
  expect(await answer()).toEqual([free, ...Array(3).fill(outranked('chigh'))]);
});

it('a cap with room for both holds nobody; another channel of its own is taken', async () => {
  const { db } = database;
  await policy(db, 'cap', 'promo', { nature: 'promotion', limit: 2, windowDays: 14 });
  const low = await approved('clow', { priority: 10 });
  await approved('chigh', { priority: 90 });
  await contact(db, person(0), 'promotion', fromNow(-DAY_MS));
  expect(said(await throughGate(db, low, { deadlineAt: fromNow(PATIENT) }))).toEqual([
    outranked('chigh'),
    free,
    free,
    free,
  ]);

  await db.app`delete from contacts`;
  await policy(db, 'cap', 'promo', { nature: 'promotion', channel: 'email', limit: 1, windowDays: 14 });
  await db.app`update profiles set phone_fp = sha256(('phone' || id)::bytea)`;
  await consent(db, person(0), 'promotion', 'sms');
  const both = await approved('cboth', { priority: 9, channels: ['email', 'sms'] }, people.slice(0, 2));
  expect(said(await throughGate(db, both))).toEqual(['claimed sms', outranked('chigh')]);
  expect((await ledger(db, 'cboth', 'first')).map((row) => row.channel)).toEqual(['sms', 'email']);
});

it('the department that gives way is told once a wave: one line in Slack, one event, counts alone', async () => {
  const { db } = database;
  const webhooks = createWebhooksStore(db.app);
  await webhooks.subscribe({ url: 'https://crm.example/hook', events: ['campaign.yielded'], by: 'alice' });
  await approved('chigh', { priority: 90, department: 'retail', name: 'Soldes' });
  const low = await approved('clow', { priority: 10 });
  await throughGate(db, low, { deadlineAt: fromNow(100_000), limit: 3 });

  let slackIsDown = true;
  const { posted, tell } = notices(db, () => (slackIsDown ? new Error('connect ECONNREFUSED') : null));
  await tell();
  expect(await db.app`select from wave_notices where next_at > clock_timestamp()`).toHaveLength(0);
  // Later, or at the wave's end, which is when the counts are whole.
  await db.app`update waves set ended_at = now() where campaign_id = 'clow'`;
  await tell();
  expect(await webhooks.claim({ limit: 10, share: 10, taken: {}, leaseSeconds: 60 })).toEqual([]);
  slackIsDown = false;
  await db.app`update wave_notices set next_at = now()`;
  await tell();
  await db.app`update wave_notices set next_at = now()`;
  await tell();
  expect(posted).toEqual([
    'crm: wave first-1 of “Graines” gave way to campaigns that go first: 0 put off and 4 not written to for “Soldes” (retail).',
  ]);
  expect(await webhooks.claim({ limit: 10, share: 10, taken: {}, leaseSeconds: 60 })).toEqual([
    expect.objectContaining({
      event: 'campaign.yielded',
      eventId: 'campaign.yielded:clow:first-1',
      payload: {
        campaignId: 'clow',
        wave: 'first-1',
        department: 'crm',
        to: [{ campaignId: 'chigh', department: 'retail', deferred: 0, lost: 4 }],
        toldAt: expect.any(String),
      },
    }),
  ]);
});
