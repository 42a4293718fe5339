import { DateTime } from 'luxon';
import type { ScenarioInput } from '../../../domain/campaigns/scenario';
import { createDryRunsStore } from '../../../store/dry-runs-store';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { contact, DAY_MS, fromNow, policy, said, throughGate } from '../../support/gate';
import { seedCampaign, seedPeople } from '../../support/seed-campaign';

let database: FreshDatabase;
let people: number[];
beforeEach(async () => {
  database = await freshDatabase(4);
  people = await seedPeople(database.db, 3);
});
afterEach(() => database.close());

const DAY_SECONDS = 86_400;
const cap = (definition: object) =>
  policy(database.db, 'cap', 'promo', { nature: 'promotion', ...definition });
const reminder = (afterSeconds = 3 * DAY_SECONDS) => ({
  key: 'again',
  when: 'not-clicked' as const,
  afterSeconds,
});

describe('a dry run', () => {
  const stops = async (scenario: Partial<ScenarioInput>) => {
    const campaign = await seedCampaign(database.db, { people, scenario });
    const dryRuns = createDryRunsStore(database.db.app);
    const steps = await dryRuns.ownCaps(campaign.scenario, 'dry', new Date(), people);
    return steps.map(({ step, ownCaps }) => [step, ownCaps]);
  };

  it('says whom a reminder would not reach because of the campaign’s own first message', async () => {
    await cap({ limit: 1, windowDays: 14 });
    // Leaves the window before the reminder is due; and one that would stop the reminder in any case.
    await contact(database.db, people[0] ?? 0, 'promotion', fromNow(-12 * DAY_MS));
    await contact(database.db, people[1] ?? 0, 'promotion', fromNow(-DAY_MS));
    expect(await stops({ steps: [reminder()] })).toEqual([
      ['again', [{ cap: 'promo', people: 2, outcome: 'skipped' }]],
    ]);
  });

  it('says who would have to wait, where the step’s deadline leaves time for it', async () => {
    await cap({ limit: 1, windowDays: 14 });
    const waveDeadlineSeconds = 12 * DAY_SECONDS;
    expect(await stops({ steps: [reminder()], waveDeadlineSeconds })).toEqual([
      ['again', [{ cap: 'promo', people: 3, outcome: 'waits' }]],
    ]);
  });

  it.each<[string, object, Partial<ScenarioInput>]>([
    ['a step after the window', { limit: 1, windowDays: 14 }, { steps: [reminder(14 * DAY_SECONDS)] }],
    ['a cap with room for both', { limit: 2, windowDays: 14 }, { steps: [reminder()] }],
    [
      'a cap that lets a campaign follow up',
      { limit: 1, windowDays: 14, excludeOwnCampaign: true },
      { steps: [reminder()] },
    ],
    ['another channel', { limit: 1, windowDays: 14, channel: 'sms' }, { steps: [reminder()] }],
    [
      'a step of another nature',
      { limit: 1, windowDays: 14 },
      { steps: [{ ...reminder(), nature: 'service' }] },
    ],
    [
      'a first message that failed',
      { limit: 1, windowDays: 14 },
      { steps: [{ ...reminder(), when: 'failed' }] },
    ],
  ])('nobody: %s', async (_, definition, scenario) => {
    await cap(definition);
    expect(await stops(scenario)).toEqual([['again', []]]);
  });

  it('counts every message before', async () => {
    await cap({ limit: 2, windowDays: 30 });
    expect(await stops({ steps: [reminder(), { ...reminder(), key: 'last', after: 'again' }] })).toEqual([
      ['again', []],
      ['last', [{ cap: 'promo', people: 3, outcome: 'skipped' }]],
    ]);
  });

  it('takes a calendar window as it will be when the step falls due', async () => {
    await cap({ limit: 1, calendar: 'month' });
    const now = DateTime.now().setZone('Europe/Paris');
    const nextMonth = now.startOf('month').plus({ months: 1, days: 1 }).diff(now, 'seconds').seconds;
    const second = { ...reminder(1), key: 'at-once' };
    expect(await stops({ steps: [second, reminder(Math.ceil(nextMonth))] })).toEqual([
      ['at-once', [{ cap: 'promo', people: 3, outcome: expect.any(String) }]],
      ['again', []],
    ]);
  });
});

it('a cap that lets a campaign follow up holds every other one, and its first message', async () => {
  const { db } = database;
  const steps = [reminder(1)];
  await cap({ limit: 1, windowDays: 14 });
  const campaign = await seedCampaign(db, { people, scenario: { steps } });
  await contact(db, people[0] ?? 0, 'promotion', fromNow(-DAY_MS));
  expect(said(await throughGate(db, campaign))).toEqual([
    'skipped cap:promo',
    'claimed email',
    'claimed email',
  ]);
  await db.app`update deliveries set state = 'accepted', settled_at = now() - interval '1 hour' where state = 'claimed'`;
  const again = () => throughGate(db, campaign, { step: 'again' }).then(said);
  expect(await again()).toEqual(['skipped not-contacted', 'skipped cap:promo', 'skipped cap:promo']);

  await cap({ limit: 1, windowDays: 14, excludeOwnCampaign: true });
  await db.app`delete from deliveries where step = 'again'`;
  await contact(db, people[1] ?? 0, 'promotion', fromNow(-DAY_MS));
  expect(await again()).toEqual(['skipped not-contacted', 'skipped cap:promo', 'claimed email']);
  const other = await seedCampaign(db, { campaignId: 'cother', people });
  expect(said(await throughGate(db, other))).toEqual(Array(3).fill('skipped cap:promo'));
});
