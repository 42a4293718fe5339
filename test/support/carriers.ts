import { createHmac } from 'node:crypto';
import { signWebhook } from '../../adapters/webhooks/signature';
import { fingerprint } from '../../store/fingerprint';
import { apiUnderTest, WEBHOOK_SECRET } from './api';
import { seedCampaign } from './seed-campaign';

const PEPPER = 'a-pepper-for-tests-only';
const CAMPAIGN = 'cchannels';

/** Nth person's number. */
export const phoneOf = (n: number): string => `+3361234500${n}`;

export type Carriers = Awaited<ReturnType<typeof carriersUnderTest>>;

/** The api with a campaign of four people with phones, and whoever carries its messages calling it. */
export async function carriersUnderTest() {
  const api = await apiUnderTest();
  const { app } = api.database.db;
  const { profileIds: people } = await seedCampaign(api.database.db, { campaignId: CAMPAIGN, people: 4 });
  for (const [n, id] of people.entries()) {
    const fp = fingerprint(PEPPER, 'phone', phoneOf(n));
    await app`update profiles set phone_fp = ${fp} where id = ${id}`;
    await app`insert into profile_keys (kind, hash, profile_id) values ('phone', ${fp}, ${id})`;
  }

  return {
    api,
    people,

    /** To begin each test with. */
    async forget(): Promise<void> {
      for (const table of [
        'suppressions',
        'events',
        'deliveries',
        'contacts',
        'consent_events',
        'consent_state',
      ])
        await app`delete from ${app(table)}`;
    },

    /** A row of the first, second… person in this state. */
    async delivery(
      n: number,
      state: string,
      more: { channel?: string; providerId?: string } = {},
    ): Promise<number> {
      const [row] = await app<{ id: number }[]>`
        insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, state, provider_id, settled_at)
        values (${CAMPAIGN}, 'first', ${people[n] ?? 0}, 'test', 'a', 'habitues', ${more.channel ?? 'sms'}, ${state},
          ${more.providerId ?? null}, now()) returning id`;
      return row?.id ?? 0;
    },

    async events() {
      const rows = await app<
        { type: string; delivery_id: number | null; properties: Record<string, unknown> }[]
      >`select type, delivery_id, properties from events order by at, id`;
      return [...rows];
    },

    /** State, and code where there is one, of each row. */
    async states(): Promise<string[]> {
      const rows = await app<
        { state: string; code: string | null }[]
      >`select state, code from deliveries order by id`;
      return rows.map(({ state, code }) => (code === null ? state : `${state} ${code}`));
    },

    signed(url: string, body: unknown, secret = WEBHOOK_SECRET) {
      const text = JSON.stringify(body);
      const timestamp = String(Math.floor(Date.now() / 1_000));
      return api.call('POST', url, {
        as: 'none',
        headers: {
          'content-type': 'application/json',
          'x-boucle-timestamp': timestamp,
          'x-boucle-signature': signWebhook({ secret, timestamp, body: text }),
        },
        body: text,
      });
    },

    /** As Twilio calls: a form, signed over the public address with its query; `signedPath`: over another one. */
    twilio(
      path: string,
      fields: Record<string, string>,
      { token = WEBHOOK_SECRET, signedPath = path }: { token?: string; signedPath?: string } = {},
    ) {
      const data = `http://boucle.test${signedPath}${Object.keys(fields)
        .sort()
        .map((k) => k + (fields[k] ?? ''))
        .join('')}`;
      return api.call('POST', path, {
        as: 'none',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          'x-twilio-signature': createHmac('sha1', token).update(data).digest('base64'),
        },
        body: new URLSearchParams(fields).toString(),
      });
    },
  };
}
