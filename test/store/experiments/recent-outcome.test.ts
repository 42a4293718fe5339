import { createExperimentsActivities } from '../../../activities/experiments';
import { GUARDRAIL_PAUSE } from '../../../domain/incidents/incident';
import { createExperimentsStore } from '../../../store/experiments-store';
import { createIncidentsStore } from '../../../store/incidents-store';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { seedCampaign, type SeededCampaign } from '../../support/seed-campaign';
import { recordEvent } from './test-wave';

let fresh: FreshDatabase;
let campaign: SeededCampaign;
beforeEach(async () => {
  fresh = await freshDatabase(3);
  campaign = await seedCampaign(fresh.db, { people: 30, part: 'rollout' });
  // Of its stretches the third is running: it is judged from thirteen days ago on.
  await fresh.db.app`update campaigns set created_at = now() - interval '20 days'`;
});
afterEach(() => fresh.close());

const DAYS = 7;
const judged = () =>
  createExperimentsActivities({ store: createExperimentsStore(fresh.db.app), revision: 'test' });
const daysAgo = (days: number): Date => new Date(Date.now() - days * 86_400_000);

/** Messages that ended then, as a round of a continuous campaign or the lane of a triggered one leaves them. */
async function sent(
  kind: 'continuous' | 'triggered',
  people: readonly number[],
  endedAt: Date,
  { state = 'accepted', events = [] as readonly string[] } = {},
): Promise<void> {
  const { app } = fresh.db;
  const { campaignId } = campaign;
  for (const person of people) {
    const message = `m${person}`;
    const step = kind === 'continuous' ? 'first' : `m.${message}`;
    const [row] = await app<{ id: number }[]>`
      insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, state, settled_at)
      values (${campaignId}, ${step}, ${person}, 'w', 'a', 'habitues', 'email', ${state}, ${endedAt}) returning id`;
    await (kind === 'continuous'
      ? app`
        insert into entry_messages (campaign_id, step, profile_id, settled_at) values (${campaignId}, ${step}, ${person}, ${endedAt})`
      : app`
        insert into messages (id, campaign_id, profile_id, created_by, deadline_at, settled_at)
        values (${message}, ${campaignId}, ${person}, 'shop', now(), ${endedAt})`);
    for (const type of events)
      await recordEvent(fresh.db, {
        profileId: person,
        type,
        at: new Date().toISOString(),
        campaignId,
        ...(row ? { deliveryId: row.id } : {}),
      });
  }
}

test.each(['continuous', 'triggered'] as const)(
  'what a %s campaign sent in this stretch and the one before is judged, and not its good year',
  async (kind) => {
    const { campaignId, profileIds } = campaign;
    const complained = { events: ['message.complained', 'message.complained'] };
    await sent(kind, profileIds.slice(0, 6), daysAgo(2 * DAYS), complained);
    await sent(kind, profileIds.slice(6, 20), daysAgo(DAYS - 1));
    await sent(kind, profileIds.slice(20, 22), daysAgo(1), { state: 'failed' });
    const store = createExperimentsStore(fresh.db.app);
    expect(await store.recentOutcome(campaignId, DAYS)).toEqual({
      accepted: 14,
      failed: 2,
      uncertain: 0,
      unsubscribed: 0,
      complained: 0,
    });
    expect((await judged().judgeRecent({ campaignId })).ok).toBe(true);

    await sent(kind, profileIds.slice(22, 28), daysAgo(1), complained);
    const verdict = await judged().judgeRecent({ campaignId });
    expect(verdict.ok).toBe(false);
    expect(verdict.words).toMatch(/complaint 30\.00% \(6 of 20/);
  },
);

test('whoever resumes a campaign that was held has it judged by what it sends from then on', async () => {
  const { campaignId, profileIds } = campaign;
  await sent('continuous', profileIds.slice(0, 10), daysAgo(2), { events: ['message.unsubscribed'] });
  expect((await judged().judgeRecent({ campaignId })).ok).toBe(false);
  const incidents = createIncidentsStore(fresh.db.app);
  await incidents.open({ campaignId, kind: `${GUARDRAIL_PAUSE}.then`, message: 'm', details: {} });
  expect((await judged().judgeRecent({ campaignId })).ok).toBe(true);
  await sent('continuous', profileIds.slice(10, 20), new Date(), { events: ['message.unsubscribed'] });
  expect(await judged().judgeRecent({ campaignId })).toMatchObject({ ok: false });
});
