import type { ScenarioInput } from '../../../domain/campaigns/scenario';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { consent, contact, DAY_MS, fromNow, ledger, policy, said, throughGate } from '../../support/gate';
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
    values (${campaignId}, 0, '{}', 0, 0, '{}', '{}', '{}', 'h')`;
  return campaign;
}

const free = 'claimed email';
const outranked = (by: string, state = 'planned'): string => `${state} arbitration:${by}`;

it('who ranks lower leaves the last slot to who goes first, until tomorrow or for good', async () => {
  const low = await approved('clow', { priority: 10 });
  await approved('chigh', { priority: 90 }, people.slice(0, 2));
  const answers = await throughGate(database.db, low, { deadlineAt: fromNow(2 * DAY_MS) });
  expect(said(answers)).toEqual([outranked('chigh'), outranked('chigh'), free, free]);
  expect(Math.abs((answers[0]?.notBefore?.getTime() ?? 0) - Date.now() - DAY_MS)).toBeLessThan(20_000);

  const late = await approved('clate', { priority: 9 }, people.slice(0, 1));
  expect(said(await throughGate(database.db, late))).toEqual([outranked('chigh', 'skipped')]);
});

it('who goes first is not held, and once it has written the cap holds the other', async () => {
  const low = await approved('clow', { priority: 10 });
  const high = await approved('chigh', { priority: 90 });
  const deadlineAt = fromNow(2 * DAY_MS);
  await throughGate(database.db, low, { deadlineAt });
  expect(said(await throughGate(database.db, high, { deadlineAt }))).toEqual(Array(4).fill(free));
  await database.db.app`update deliveries set not_before = now() where campaign_id = 'clow'`;
  expect(said(await throughGate(database.db, low, { deadlineAt, source: 'due' }))).toEqual(
    Array(4).fill('skipped cap:promo'),
  );
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
    return said(await throughGate(db, low, { deadlineAt: fromNow(2 * DAY_MS) }));
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
  expect(said(await throughGate(db, low, { deadlineAt: fromNow(2 * DAY_MS) }))).toEqual([
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
  expect(said(await throughGate(db, both))).toEqual(['claimed sms', outranked('chigh', 'skipped')]);
  expect((await ledger(db, 'cboth', 'first')).map((row) => row.channel)).toEqual(['sms', 'email']);
});
