import { createConsentStore } from '../../../store/consent-store';
import { apiUnderTest, type ApiUnderTest } from '../../support/api';
import { seedCampaign } from '../../support/seed-campaign';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await apiUnderTest();
});
afterAll(() => api.close());

let campaigns = 0;

const stateOf = async (profileId: number) =>
  Object.fromEntries(
    (await createConsentStore(api.database.db.app).of(profileId)).map((s) => [
      `${s.purpose} ${s.channel}`,
      s.granted,
    ]),
  );
/** Everything the page may change. */
const everything = async (): Promise<string> => {
  const { app } = api.database.db;
  return JSON.stringify([
    await app`select * from consent_events order by id`,
    await app`select * from consent_state order by profile_id, purpose, channel`,
    await app`select id, confirmed_at from consent_requests order by id`,
  ]);
};

describe('double opt-in', () => {
  const WORDING = 'J’accepte de recevoir la newsletter de Maison Lumen par e-mail.';
  /** A campaign that carries the confirmation, approved, and somebody who never said anything. */
  async function asked(change: object = {}) {
    campaigns += 1;
    const { db } = api.database;
    const campaign = await seedCampaign(db, {
      campaignId: `cconfirm${campaigns}`,
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
    await db.app`update campaigns set approved_hash = 'h', stage = 'rollout' where id = ${campaign.campaignId}`;
    await db.app`insert into campaign_stages (campaign_id, stage) values (${campaign.campaignId}, 'rollout')`;
    const profileId = campaign.profileIds[0] ?? 0;
    const answer = await api.call('POST', '/v1/consents/requests', {
      body: {
        profile: { id: profileId },
        purpose: 'newsletter',
        channel: 'email',
        brand: 'maison-lumen',
        wording: WORDING,
        locale: 'fr',
        campaign: campaign.campaignId,
        ...change,
      },
    });
    return { answer, profileId };
  }
  /** The link as the message will carry it: it is nowhere else. */
  async function linkOf(messageId: string): Promise<string> {
    const [row] = await api.database.db.identity<{ values: { confirmUrl: string } }[]>`
      select "values" from identity.message_values where message_id = ${messageId}`;
    return new URL(row?.values.confirmUrl ?? '').pathname;
  }

  test('asks by a message; nothing is given until the button is pressed, and then once', async () => {
    const { answer, profileId } = await asked();
    expect(answer.statusCode).toBe(202);
    const { messageId, requestId, expiresAt } = answer.json();
    expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(6.9 * 86_400_000);
    expect(await stateOf(profileId)).toEqual({});
    const url = await linkOf(messageId);
    const kept = JSON.stringify(
      await api.database.db.app`select * from consent_requests where id = ${requestId}`,
    );
    expect(kept).not.toContain(url.slice('/c/'.length));

    const before = await everything();
    const page = await api.call('GET', url, { as: 'none' });
    expect(page.body).toContain(WORDING);
    expect(page.body).toContain('Maison Lumen');
    await api.call('HEAD', url, { as: 'none' });
    expect(await everything()).toBe(before);

    const presses = await Promise.all([1, 2, 3].map(() => api.call('POST', url, { as: 'none' })));
    expect(presses.map((one) => one.statusCode)).toEqual([200, 200, 200]);
    expect(presses.filter((one) => one.body.includes('Merci, c’est confirmé'))).toHaveLength(1);
    expect(await stateOf(profileId)).toEqual({ 'newsletter email': true });
    const { history } = (await api.call('GET', `/v1/profiles/${profileId}/consents`)).json();
    expect(history).toMatchObject([
      { action: 'requested', evidence: { request: requestId, message: messageId }, recordedBy: 'editor' },
      {
        action: 'granted',
        source: 'double-opt-in',
        evidence: { request: requestId, message: messageId },
        recordedBy: 'recipient',
      },
    ]);
    expect((await api.call('GET', url, { as: 'none' })).body).toContain('Déjà confirmé');
  });

  test('a link a week old says so and gives nothing; one of nobody neither', async () => {
    const { answer, profileId } = await asked();
    const { messageId, requestId } = answer.json();
    await api.database.db.app`update consent_requests set expires_at = now() where id = ${requestId}`;
    const url = await linkOf(messageId);
    for (const method of ['GET', 'POST'] as const) {
      const late = await api.call(method, url, { as: 'none' });
      expect([late.statusCode, late.body.includes('Lien expiré')]).toEqual([410, true]);
      const wrong = await api.call(method, `/c/${'A'.repeat(43)}`, { as: 'none' });
      expect([wrong.statusCode, wrong.body.includes('Lien inconnu')]).toEqual([404, true]);
    }
    expect(await stateOf(profileId)).toEqual({});
  });

  test('where no message can be sent, nothing is asked', async () => {
    const { answer, profileId } = await asked({ campaign: 'cnone2222222' });
    expect(answer.statusCode).toBe(404);
    const left = await api.database.db.app`select 1 from consent_requests where profile_id = ${profileId}`;
    expect(left).toHaveLength(0);
    const { history } = (await api.call('GET', `/v1/profiles/${profileId}/consents`)).json();
    expect(history).toEqual([]);
    expect((await asked({ brand: 'nobody' })).answer.statusCode).toBe(400);
    expect((await asked({ profile: { email: 'nobody@exemple.test' } })).answer.statusCode).toBe(404);
  });
});
