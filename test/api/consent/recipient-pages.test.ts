import { once } from 'node:events';
import { connect } from 'node:net';
import { load } from 'cheerio';
import PostalMime from 'postal-mime';
import { createLinkSigner } from '../../../adapters/links/signer';
import { createLinkUrls } from '../../../adapters/links/urls';
import { buildMime } from '../../../adapters/smtp/mime';
import { createConsentStore } from '../../../store/consent-store';
import { apiUnderTest, LINK_SECRET, type ApiUnderTest } from '../../support/api';
import { deliveryBench, fakeSender } from '../../support/delivery-bench';
import { seedCampaign, seedConsent, type SeedOptions } from '../../support/seed-campaign';
import { planTestWave } from '../../support/wave';

let api: ApiUnderTest;
let address: string;
let port: number;
beforeAll(async () => {
  api = await apiUnderTest();
  address = await api.app.listen({ host: '127.0.0.1', port: 0 });
  port = Number(new URL(address).port);
});
afterAll(() => api.close());

const signer = createLinkSigner(LINK_SECRET);
const BROWSER = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0' };
let campaigns = 0;

/** A mail that went out by the real way, to one person, and what the mail was. */
async function sentMail(options: SeedOptions = {}) {
  campaigns += 1;
  const { db } = api.database;
  const campaign = await seedCampaign(db, { campaignId: `cpages${campaigns}`, people: 1, ...options });
  const sender = fakeSender();
  const { activities } = deliveryBench(db, campaign, sender, { urls: createLinkUrls(signer, address) });
  await (await planTestWave(activities, campaign)).run();
  const [mail] = sender.handed;
  const [profileId] = campaign.profileIds;
  if (mail === undefined || profileId === undefined) throw new Error('nothing was sent');
  return { campaign, mail, profileId, deliveryId: mail.deliveryId };
}

const stateOf = async (profileId: number) =>
  Object.fromEntries(
    (await createConsentStore(api.database.db.app).of(profileId)).map((s) => [
      `${s.purpose} ${s.channel}`,
      s.granted,
    ]),
  );
/** Everything the pages may change. */
const everything = async (): Promise<string> => {
  const { app } = api.database.db;
  return JSON.stringify([
    await app`select * from consent_events order by id`,
    await app`select * from consent_state order by profile_id, purpose, channel`,
    await app`select * from preferences order by profile_id`,
    await app`select id from events order by id`,
  ]);
};

describe('one-click unsubscribing (RFC 8058), from the header of a mail that was sent', () => {
  /** Writes bytes as a mailbox provider does, on a connection of its own; answers what came back, as it came. */
  async function post(url: URL, headers: readonly string[], body: string): Promise<string> {
    const socket = connect({ host: '127.0.0.1', port });
    await once(socket, 'connect');
    const head = [`POST ${url.pathname} HTTP/1.1`, `Host: ${url.host}`, ...headers];
    socket.write(
      `${head.join('\r\n')}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    );
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    return answer;
  }

  const multipart = '------=_Part_42';
  test.each([
    [
      'Gmail, urlencoded',
      ['User-Agent: Gmail', 'Content-Type: application/x-www-form-urlencoded'],
      'List-Unsubscribe=One-Click',
    ],
    [
      'Yahoo, multipart',
      [`Content-Type: multipart/form-data; boundary=${multipart.slice(2)}`, 'Accept: */*'],
      `${multipart}\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n${multipart}--\r\n`,
    ],
  ])('%s: acts at once, for that purpose and channel alone', async (_client, headers, body) => {
    const { mail, profileId, deliveryId } = await sentMail({ nature: 'newsletter' });
    await createConsentStore(api.database.db.app).append([
      {
        profileId,
        purpose: 'newsletter',
        channel: 'sms',
        action: 'granted',
        at: '2026-01-01T00:00:00Z',
        source: 'form',
        recordedBy: 'test',
      },
    ]);
    const raw = await PostalMime.parse(buildMime(mail, new Date()));
    const header = (name: string): string => raw.headers.find(({ key }) => key === name)?.value ?? '';
    expect(header('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click');
    const [, link = ''] = /<(https?:[^>]+)>/.exec(header('list-unsubscribe')) ?? [];

    const before = await everything();
    for (const method of ['GET', 'HEAD'])
      expect((await fetch(link, { method, headers: { 'user-agent': 'GoogleImageProxy' } })).status).toBe(200);
    expect(await everything()).toBe(before);

    const answer = await post(new URL(link), headers, body);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).not.toMatch(/^(set-cookie|location):/im);
    expect(await stateOf(profileId)).toEqual({ 'newsletter email': false, 'newsletter sms': true });
    const [proof] = await api.database.db.app`
      select action, source, evidence from consent_events where profile_id = ${profileId} order by id desc limit 1`;
    expect(proof).toMatchObject({ action: 'withdrawn', source: 'one-click', evidence: { deliveryId } });
  });

  test('by the channel the message came by', async () => {
    const { profileId, deliveryId } = await sentMail();
    await api.database.db.app`update deliveries set channel = 'sms' where id = ${deliveryId}`;
    const url = `/u/${signer.unsubscribe(deliveryId)}`;
    expect((await api.call('GET', url, { as: 'none' })).body).toContain('par SMS');
    await api.call('POST', url, { as: 'none', body: 'List-Unsubscribe=One-Click' });
    expect(await stateOf(profileId)).toEqual({ 'promotion email': true, 'promotion sms': false });
  });

  test('of a later step, by what that step was', async () => {
    const { profileId, deliveryId, campaign } = await sentMail();
    await api.database.db.app`
      update campaigns set scenario = jsonb_set(scenario, '{steps}', '[{"key": "avis", "nature": "survey"}]')
      where id = ${campaign.campaignId}`;
    await api.database.db.app`update deliveries set step = 'avis' where id = ${deliveryId}`;
    await api.call('POST', `/u/${signer.unsubscribe(deliveryId)}`, { as: 'none' });
    expect(await stateOf(profileId)).toEqual({ 'promotion email': true, 'survey email': false });
  });
});

describe('the preference page', () => {
  const urlOf = (deliveryId: number): string => `/p/${signer.preferences(deliveryId)}`;
  const look = async (url: string) => {
    const answer = await api.call('GET', url, { as: 'none', headers: BROWSER });
    return { answer, $: load(answer.body) };
  };
  /** Sends the form as a browser without scripts does, after somebody changed some fields. */
  const submit = async (url: string, change: (form: URLSearchParams) => void) => {
    const { $ } = await look(url);
    const form = new URLSearchParams(
      $('form')
        .first()
        .serializeArray()
        .map(({ name, value }) => [name, value]),
    );
    change(form);
    return api.call('POST', $('form').first().attr('action') ?? '', {
      as: 'none',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
    });
  };

  test('is linked from the unsubscribe page, and looking changes nothing', async () => {
    const { deliveryId } = await sentMail();
    const before = await everything();
    const page = load((await api.call('GET', `/u/${signer.unsubscribe(deliveryId)}`, { as: 'none' })).body);
    const url = page('a').attr('href') ?? '';
    const { answer, $ } = await look(url);
    expect([answer.statusCode, answer.headers['cache-control'], answer.headers['set-cookie']]).toEqual([
      200,
      'no-store',
      undefined,
    ]);
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
    expect($('script').length).toBe(0);
    expect((await api.call('HEAD', url, { as: 'none' })).statusCode).toBe(200);
    expect(await everything()).toBe(before);
  });

  test('what is changed is a consent event with its words, or a wish; the gate sees both', async () => {
    const { profileId, deliveryId, campaign } = await sentMail();
    const url = urlOf(deliveryId);
    const answer = await submit(url, (form) => {
      form.delete('consent');
      form.append('consent', 'newsletter.email');
      form.set('frequency', 'monthly');
      form.set('pause', 'week');
      form.delete('topic', 'sales');
    });
    expect([answer.statusCode, answer.headers['location']]).toEqual([303, `${url}?done=saved`]);
    expect(await stateOf(profileId)).toEqual({ 'newsletter email': true, 'promotion email': false });
    const { history } = (await api.call('GET', `/v1/profiles/${profileId}/consents`)).json();
    const [granted] = history.filter((one: { purpose: string }) => one.purpose === 'newsletter');
    expect(granted).toMatchObject({
      source: 'preference-page',
      recordedBy: 'recipient',
      locale: 'fr',
      evidence: { deliveryId, campaignId: campaign.campaignId },
    });
    const wording = (await api.call('GET', `/v1/consents/wordings/${granted.wordingSha256}`)).json();
    expect(wording.text).toBe('Newsletter\nMaison Lumen peut m’envoyer sa newsletter.\nE-mail');
    const wishes = (await api.call('GET', `/v1/profiles/${profileId}/preferences`)).json();
    expect(wishes).toMatchObject({
      newsletter: { limit: 1, days: 30 },
      refusedTopics: ['sales'],
      updatedBy: 'preference-page',
    });
    expect(Date.parse(wishes.pausedUntil) - Date.now()).toBeGreaterThan(6.9 * 86_400_000);

    const { $ } = await look(`${url}?done=saved`);
    expect($('[role=status]').text()).toBe('Vos préférences sont enregistrées.');
    expect($('input[name=consent]:checked').attr('value')).toBe('newsletter.email');
    expect($('input[name=pause]:checked').attr('value')).toBe('keep');

    const next = await seedCampaign(api.database.db, {
      campaignId: `cpaused${deliveryId}`,
      people: [profileId],
      nature: 'newsletter',
      consent: false,
    });
    const sender = fakeSender();
    const { activities } = deliveryBench(api.database.db, next, sender);
    await (await planTestWave(activities, next)).run();
    expect(sender.handed).toEqual([]);
    const [row] = await api.database.db
      .app`select state, reason from deliveries where campaign_id = ${next.campaignId}`;
    expect(row).toEqual({ state: 'skipped', reason: 'paused' });
  });

  test('withdrawing the consent to opens silences a pixel already sent', async () => {
    const { profileId, deliveryId, mail } = await sentMail({ openTracking: 1 });
    const [, pixel = ''] = /<img src="([^"]+)"/.exec(mail.html) ?? [];
    const opens = async (): Promise<number> => {
      const rows = await api.database.db.app`
        select 1 from events where delivery_id = ${deliveryId} and type like 'message.%' and type <> 'message.unsubscribed'`;
      return rows.length;
    };
    const fetchPixel = async () => api.call('GET', new URL(pixel).pathname, { as: 'none', headers: BROWSER });
    await submit(urlOf(deliveryId), (form) => form.delete('consent', 'email-open-tracking.email'));
    expect(await stateOf(profileId)).toMatchObject({ 'email-open-tracking email': false });
    expect((await fetchPixel()).headers['content-type']).toBe('image/gif');
    expect(await opens()).toBe(0);
    await submit(urlOf(deliveryId), (form) => form.append('consent', 'email-open-tracking.email'));
    await fetchPixel();
    expect(await opens()).toBe(1);
  });

  test('everything off: no marketing by any channel, no profiling, no opens', async () => {
    const { profileId, deliveryId } = await sentMail({ openTracking: 1 });
    await seedConsent(api.database.db, [profileId], 'service');
    const answer = await api.call('POST', urlOf(deliveryId), {
      as: 'none',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'everything=off',
    });
    expect(answer.headers['location']).toBe(`${urlOf(deliveryId)}?done=off`);
    const state = await stateOf(profileId);
    expect(Object.entries(state).filter(([, granted]) => granted)).toEqual([['service email', true]]);
    expect(Object.keys(state)).toHaveLength(4 * 6 + 2);
  });

  test('another link, a body that is no form of ours: nothing is done', async () => {
    const { deliveryId } = await sentMail();
    const before = await everything();
    for (const token of [
      signer.unsubscribe(deliveryId),
      createLinkSigner('another secret').preferences(deliveryId),
    ]) {
      const answer = await api.call('POST', `/p/${token}`, {
        as: 'none',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'everything=off',
      });
      expect(answer.statusCode).toBe(404);
    }
    for (const body of ['', 'hello=world'])
      await api.call('POST', urlOf(deliveryId), {
        as: 'none',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body,
      });
    expect(await everything()).toBe(before);
  });
});
