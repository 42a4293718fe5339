import { buildMime } from '../../../adapters/smtp/mime';
import { readMail } from '../../../sandbox/mail-sink/read-mail';
import { createMailReader } from '../../../sandbox/people/mail-reader';
import { trackedAddresses } from '../../../sandbox/people/tracked-addresses';

const API = 'http://127.0.0.1:8080';
const SHOP = 'http://127.0.0.1:8027';
const raw = Buffer.from(
  buildMime(
    {
      deliveryId: 7,
      to: { address: 'zoe@x.example' },
      from: { name: 'Maison', address: 'a@b.example' },
      subject: 'été',
      html:
        `<p>${'é'.repeat(200)}</p><a style="color:red" href="https://elsewhere.example/">x</a><a href="${API}/t/c/privacy-token">Données</a>` +
        `<a class="a-rather-long-class-name-so-that-the-line-is-broken" href="${API}/t/c/main-token?x=1&amp;y=2">Voir</a><img alt="" src="${API}/t/o/pixel-token">`,
      text: `Voir : ${API}/t/c/main-token`,
      headers: {
        'List-Unsubscribe': `<${API}/u/bye-token>`,
        'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      },
      messageId: '<d7@b.example>',
    },
    new Date(),
  ),
  'latin1',
);

test('what is watched is found as a whole MIME parser finds it', async () => {
  const read = await readMail(raw);
  expect(trackedAddresses(raw)).toEqual({
    links: read.links.filter((url) => url.includes('/t/c/')),
    pixel: read.pictures.find((url) => url.includes('/t/o/')),
  });
  expect(trackedAddresses(raw).links).toEqual([`${API}/t/c/privacy-token`, `${API}/t/c/main-token?x=1&y=2`]);
});

describe('somebody with a mail', () => {
  const calls: string[] = [];
  const answers: typeof fetch = async (input, init) => {
    const url = typeof input === 'string' ? input : '';
    calls.push(`${init?.method ?? 'GET'} ${url}${typeof init?.body === 'string' ? ` ${init.body}` : ''}`);
    if (url.includes('privacy-token'))
      return new Response(null, { status: 302, headers: { location: 'https://maison.example/privacy' } });
    if (url.includes('main-token'))
      return new Response(null, { status: 302, headers: { location: `${SHOP}/automne` } });
    return new Response('ok');
  };
  beforeEach(() => calls.splice(0));
  const deeds = { reads: true, loadsPictures: false, followsLink: false, unsubscribes: false };

  test('loads the pixel, follows the link that leads to the shop, and remembers its place', async () => {
    const reader = createMailReader({ shopUrl: SHOP, fetch: answers });
    expect(await reader.act(raw, { ...deeds, loadsPictures: true, followsLink: true })).toEqual({
      arrived: true,
    });
    expect(calls).toEqual([
      `GET ${API}/t/o/pixel-token`,
      `GET ${API}/t/c/privacy-token`,
      `GET ${API}/t/c/main-token?x=1&y=2`,
      `GET ${SHOP}/automne`,
    ]);
    await reader.act(raw, { ...deeds, followsLink: true });
    expect(calls.slice(4)).toEqual([`GET ${API}/t/c/main-token?x=1&y=2`, `GET ${SHOP}/automne`]);
    expect(reader.counts).toEqual({ opened: 1, followed: 2, lost: 0, unsubscribed: 0 });
  });

  test('unsubscribes by one POST (RFC 8058)', async () => {
    const reader = createMailReader({ shopUrl: SHOP, fetch: answers });
    expect(await reader.act(raw, { ...deeds, unsubscribes: true })).toEqual({ arrived: false });
    expect(calls).toEqual([`POST ${API}/u/bye-token List-Unsubscribe=One-Click`]);
    expect(reader.counts.unsubscribed).toBe(1);
  });
});
