import { readFileSync } from 'node:fs';
import { fromRoot } from '../../../config/paths';
import { apiUnderTest, type ApiUnderTest } from '../../support/api';
import { seedCampaign } from '../../support/seed-campaign';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await apiUnderTest();
});
afterAll(() => api.close());

/** The JSON of docs/consent.md, by the path it is for. */
const bodies = new Map(
  [...readFileSync(fromRoot('docs', 'consent.md'), 'utf8').matchAll(/```json (\S+)\n([\s\S]*?)```/g)].map(
    ([, path = '', body = '']) => [path, body],
  ),
);

test('every body in docs/consent.md is taken as it is written', async () => {
  const { db } = api.database;
  const { campaignId, profileIds } = await seedCampaign(db, {
    campaignId: 'cdocumented1',
    people: 1,
    nature: 'service',
    part: 'rollout',
    consent: false,
    scenario: {
      kind: 'triggered',
      triggered: { periodSeconds: 60 },
      variables: [{ name: 'confirmUrl', required: true, fallback: '' }],
    },
  });
  await db.app`update campaigns set approved_hash = 'h', stage = 'rollout' where id = ${campaignId}`;
  await db.app`insert into campaign_stages (campaign_id, stage) values (${campaignId}, 'rollout')`;
  expect([...bodies.keys()]).toEqual(['consents/requests', 'consents', 'suppressions', 'contacts']);
  for (const [path, text] of bodies) {
    // The reader's own campaign and person stand where the document has some.
    const own = text
      .replace('CAMPAIGN_ID', campaignId)
      .replace(/"profile": \{.*\}/, `"profile": {"id": ${profileIds[0]}}`);
    const answer = await api.call('POST', `/v1/${path}`, { body: JSON.parse(own) });
    expect([path, answer.statusCode, answer.json().rejected ?? []]).toEqual([
      path,
      path === 'consents/requests' ? 202 : 200,
      [],
    ]);
  }
});
