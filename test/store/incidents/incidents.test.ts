import { createIncidentsActivities } from '../../../activities/incidents';
import type { Messenger } from '../../../domain/approvals/ports';
import { incidentTitle } from '../../../domain/incidents/incident';
import { createIncidentsStore } from '../../../store/incidents-store';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { seedCampaign } from '../../support/seed-campaign';

let fresh: FreshDatabase;
beforeEach(async () => {
  fresh = await freshDatabase(3);
  await seedCampaign(fresh.db, { people: 1, campaignId });
});
afterEach(async () => {
  await fresh.close();
});

const campaignId = 'cseedaaaaaaa';
const incident = {
  campaignId,
  kind: 'guardrail.pilot',
  message: 'unsubscribe 2.50%',
  details: { limit: 0.005 },
};

function activities(postIncident: Messenger['postIncident'], attempt = 1) {
  const unexpected = () => Promise.reject(new Error('not expected here'));
  const warnings: object[] = [];
  const store = createIncidentsStore(fresh.db.app);
  const { openIncident } = createIncidentsActivities({
    store,
    messenger: {
      postIncident,
      postApproval: unexpected,
      closeApproval: unexpected,
      postNote: unexpected,
      answerPrivately: unexpected,
    },
    pageUrl: (id) => `https://boucle.test/campaigns/${id}`,
    log: { warn: (fields) => warnings.push(fields) },
    attempt: () => attempt,
  });
  return { openIncident, store, warnings };
}

describe('incidents', () => {
  test('opened once per campaign and kind, posted once, with where to look', async () => {
    const posted: Parameters<Messenger['postIncident']>[0][] = [];
    const { openIncident, store } = activities(async (shown) => {
      posted.push(shown);
      return { channel: 'C1', ts: `1.${posted.length}` };
    });
    await openIncident(incident);
    await openIncident({ ...incident, message: 'said again otherwise' });
    await openIncident({ campaignId, kind: 'campaign-failed', message: 'in stage pilot' });
    expect(posted).toEqual([
      {
        campaignId,
        title: 'Guardrail crossed: campaign stopped (pilot)',
        message: 'unsubscribe 2.50%',
        pageUrl: `https://boucle.test/campaigns/${campaignId}`,
      },
      expect.objectContaining({ title: 'Campaign failed' }),
    ]);
    expect(await store.list(campaignId)).toMatchObject([
      {
        id: `${campaignId}.guardrail.pilot`,
        message: 'unsubscribe 2.50%',
        details: { limit: 0.005 },
        slackTs: '1.1',
      },
      { kind: 'campaign-failed', details: {}, slackTs: '1.2' },
    ]);
  });

  test('a messenger that does not answer is tried again, and at last let be: the incident stands', async () => {
    const down = () => Promise.reject(new Error('connect ECONNREFUSED'));
    await expect(activities(down, 5).openIncident(incident)).rejects.toMatchObject({ nonRetryable: false });
    const last = activities(down, 6);
    await last.openIncident(incident);
    expect(last.warnings).toEqual([expect.objectContaining({ slackError: 'unreachable' })]);
    expect(await last.store.list(campaignId)).toMatchObject([{ slackTs: null }]);
    // It comes back: the same incident is posted then.
    const back = activities(() => Promise.resolve({ channel: 'C1', ts: '9.9' }));
    await back.openIncident(incident);
    expect(await back.store.list(campaignId)).toMatchObject([{ slackTs: '9.9' }]);
  });

  test('where nobody is asked by message it is written all the same', async () => {
    const { openIncident, store } = activities(() => Promise.resolve(null));
    await openIncident(incident);
    expect(await store.list(campaignId)).toHaveLength(1);
  });

  test('a kind nobody has words for has a title too', () => {
    expect(incidentTitle('odd.thing.here')).toBe('Incident (thing.here)');
  });
});
