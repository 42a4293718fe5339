import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { load } from 'cheerio';
import { createAccessStore } from '../../../store/access-store';
import { openToThisMachine } from '../../../api/pages/pages-deps';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { pagesApp } from '../../support/pages-app';
import { seedPage } from '../../support/seed-pages';

const HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)> ${7*7} \'x';
let fresh: FreshDatabase;
let open: Awaited<ReturnType<typeof pagesApp>>;
let closed: Awaited<ReturnType<typeof pagesApp>>;
let nowMs = Date.now();
let key: { key: string; id: string };

beforeAll(async () => {
  fresh = await freshDatabase();
  const sql = fresh.db.app;
  key = await createAccessStore(sql).create({ principal: 'camille', roles: ['viewer'] });
  open = await pagesApp(sql);
  closed = await pagesApp(sql, { anonymous: false, now: () => nowMs });
});
afterAll(async () => {
  await open.close();
  await closed.close();
  await fresh.close();
});

describe('pages', () => {
  test('before there is a campaign the list tells how to start one', async () => {
    const $ = load((await open.inject('/campaigns')).body);
    expect($('h2').text()).toBe('No campaign yet');
    expect($('pre').text()).toContain('/v1/campaigns');
    expect($('main').text()).toContain('npm run demo');
  });

  test('hostile names stay words on every page', async () => {
    const sql = fresh.db.app;
    await seedPage(sql, {
      id: 'chostile00001',
      stage: 'learn',
      end: 'completed',
      name: HOSTILE,
      owner: HOSTILE,
      endReason: HOSTILE,
    });
    await sql`update creatives set subject = ${HOSTILE}, preheader = ${HOSTILE}, comment = ${HOSTILE} where campaign_id = 'chostile00001'`;
    await sql`update findings set message = ${HOSTILE} || "check"`;
    await sql`update decisions set by = ${HOSTILE}, reason = ${HOSTILE}`;
    await sql`update reports set markdown = ${`# ${HOSTILE}\n\n| ${HOSTILE} |\n\n- ${HOSTILE}`}`;
    await sql`update backlog_items set title = ${HOSTILE}`;
    await sql`insert into incidents (id, campaign_id, kind, message) values ('ih', 'chostile00001', ${HOSTILE}, ${HOSTILE})`;
    const [creative] = await sql<
      { id: number }[]
    >`select id from creatives where campaign_id = 'chostile00001' limit 1`;
    for (const path of [
      '/campaigns',
      '/campaigns/live',
      '/campaigns/chostile00001',
      '/campaigns/chostile00001/live',
      `/campaigns/chostile00001/creatives/${creative?.id ?? 0}`,
    ]) {
      const answer = await open.inject(path);
      expect([path, answer.statusCode]).toEqual([path, 200]);
      const $ = load(answer.body);
      expect(
        $('script').filter((_i, e) => $(e).attr('src')?.startsWith('/campaigns/pages.js') !== true),
      ).toHaveLength(0);
      expect($('img').filter((_i, e) => $(e).attr('src')?.startsWith('/assets/') !== true)).toHaveLength(0);
      const handlers = $('*')
        .toArray()
        .flatMap((e) => ('attribs' in e ? Object.keys(e.attribs) : []))
        .filter((name) => name.startsWith('on'));
      expect(handlers).toEqual([]);
      expect(answer.body).toContain('&lt;script&gt;');
    }
  });

  test('what it shows adds up with the ledger', async () => {
    await seedPage(fresh.db.app, { id: 'ccounts000001', stage: 'experiment' });
    const text = load((await open.inject('/campaigns/ccounts000001')).body)('.sum').text();
    const [planned, ...parts] = [...text.replaceAll(',', '').matchAll(/\d+/g)].map((m) => Number(m[0]));
    expect(planned).toBe(3_400);
    expect(parts.reduce((a, b) => a + b, 0)).toBe(planned);
    const [row] = await fresh.db.app<
      { n: number }[]
    >`select count(*) as n from deliveries where campaign_id = 'ccounts000001' and state = 'accepted'`;
    expect(parts[0]).toBe(row?.n);
  });

  test('says why it waits and links to its run in Temporal', async () => {
    await seedPage(fresh.db.app, { id: 'cwaits0000001', stage: 'approve', blockedOn: 'approval' });
    const $ = load((await open.inject('/campaigns/cwaits0000001')).body);
    expect($('.standing').text()).toContain('Waiting for an approval.');
    expect($('.links a').first().attr('href')).toBe(
      'http://127.0.0.1:8233/namespaces/default/workflows/campaign.cwaits0000001/0198-run/history',
    );
    expect($('.stage')).toHaveLength(12);
    expect($('[aria-current="step"]').text()).toContain('Approve');
  });

  test('filters by state and pages through more than one page', async () => {
    const sql = fresh.db.app;
    for (let i = 0; i < 27; i++)
      await seedPage(sql, {
        id: `cmany${String(i).padStart(8, '0')}`,
        stage: 'define',
        name: `Nº ${i}`,
        minutesAgo: 2_000 + i,
      });
    const $ = load((await open.inject('/campaigns?state=open')).body);
    expect($('tbody tr')).toHaveLength(25);
    const older = load((await open.inject($('.pager a').attr('href') ?? '')).body);
    const ids = (page: typeof $): string[] =>
      page('.row-link')
        .map((_i, e) => page(e).attr('href') ?? '')
        .get();
    expect(ids(older).filter((id) => ids($).includes(id))).toEqual([]);
    const ended = load((await open.inject('/campaigns?state=ended')).body);
    expect(ids(ended)).toEqual(['/campaigns/chostile00001']);
    expect(
      load((await open.inject('/campaigns?state=nonsense&before=%27')).body)('[aria-current="page"]').text(),
    ).toContain('All');
  });

  test.each([
    '/campaigns/cnowhere00000',
    "/campaigns/'%20or%201=1",
    '/campaigns/chostile00001/creatives/999999999',
    '/campaigns/chostile00001/creatives/x',
  ])('%s is a page that says there is nothing', async (path) => {
    const answer = await open.inject(path);
    expect(answer.statusCode).toBe(404);
    expect(load(answer.body)('h1').text()).toBe('Not found');
  });

  test('are sent with a policy that lets nothing else in; a message gets an origin of its own', async () => {
    const [creative] = await fresh.db.app<
      { id: number }[]
    >`select id from creatives where campaign_id = 'chostile00001' limit 1`;
    const page = await open.inject('/campaigns');
    expect(page.headers['content-security-policy']).toMatch(
      /default-src 'none'.*script-src 'self';.*frame-ancestors 'none'/,
    );
    expect(page.headers['cache-control']).toBe('private, no-store');
    const message = await open.inject(`/campaigns/chostile00001/creatives/${creative?.id ?? 0}/message`);
    expect(message.headers['content-security-policy']).toMatch(/^sandbox allow-popups; default-src 'none'/);
    expect(message.headers['x-frame-options']).toBe('SAMEORIGIN');
  });
});

describe('signing in', () => {
  const signIn = (payload: string) =>
    closed.inject({
      method: 'POST',
      url: '/campaigns/sign-in',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload,
    });
  const cookieOf = (answer: { headers: Record<string, unknown> }): string =>
    String(answer.headers['set-cookie']).split(';')[0] ?? '';

  test('nothing is shown before', async () => {
    for (const path of [
      '/campaigns',
      '/campaigns?state=open',
      '/campaigns/chostile00001',
      '/campaigns/chostile00001/creatives/1',
      '/campaigns/chostile00001/creatives/1/message',
    ]) {
      const answer = await closed.inject(path);
      expect([answer.statusCode, answer.headers.location]).toEqual([
        303,
        `/campaigns/sign-in?next=${encodeURIComponent(path)}`,
      ]);
    }
    for (const path of ['/campaigns/live', '/campaigns/chostile00001/live?x=1'])
      expect((await closed.inject(path)).statusCode).toBe(401);
  });

  test('a key opens them for twelve hours, by a cookie scripts and other sites do not get', async () => {
    const answer = await signIn(
      new URLSearchParams({ key: ` ${key.key} `, next: '/campaigns/chostile00001' }).toString(),
    );
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/campaigns/chostile00001']);
    expect(String(answer.headers['set-cookie'])).toMatch(
      /; Path=\/campaigns; HttpOnly; SameSite=Strict; Max-Age=43200$/,
    );
    expect(String(answer.headers['set-cookie'])).not.toContain(key.key.split('_')[2]);
    const cookie = cookieOf(answer);
    const page = await closed.inject({ url: '/campaigns', headers: { cookie } });
    expect(page.statusCode).toBe(200);
    expect(load(page.body)('.who').text()).toBe('camille');
    nowMs += 12 * 3_600_000 + 1_000;
    expect((await closed.inject({ url: '/campaigns', headers: { cookie } })).statusCode).toBe(303);
    nowMs = Date.now();
  });

  test('over https the cookie says Secure', async () => {
    const app = await pagesApp(fresh.db.app, { anonymous: false, publicUrl: 'https://crm.example.test' });
    const answer = await app.inject({
      method: 'POST',
      url: '/campaigns/sign-in',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: `key=${key.key}`,
    });
    expect(String(answer.headers['set-cookie'])).toMatch(/; Secure$/);
    await app.close();
  });

  test('a wrong key, no key, another body: no cookie', async () => {
    for (const payload of ['key=bcl_x_0123456789abcdef', 'next=/campaigns', '']) {
      const answer = await signIn(payload);
      expect([answer.statusCode, answer.headers['set-cookie']]).toEqual([401, undefined]);
      expect(load(answer.body)('[role=alert]').text()).toContain('not known');
    }
  });

  test.each([
    'https://evil.test/',
    '//evil.test',
    '/campaigns//evil.test',
    '/v1/access',
    '/campaigns/sign-out',
    'javascript:alert(1)',
    '/campaigns\\evil',
    '/campaignsX',
  ])('never leads to %s', async (next) =>
    expect((await signIn(new URLSearchParams({ key: key.key, next }).toString())).headers.location).toBe(
      '/campaigns',
    ),
  );

  test('a revoked key closes its sessions at once', async () => {
    const access = createAccessStore(fresh.db.app);
    const other = await access.create({ principal: 'noé', roles: ['viewer'] });
    const cookie = cookieOf(await signIn(`key=${other.key}`));
    expect((await closed.inject({ url: '/campaigns', headers: { cookie } })).statusCode).toBe(200);
    await access.revoke(other.id);
    expect((await closed.inject({ url: '/campaigns', headers: { cookie } })).statusCode).toBe(303);
  });

  test('a link from another site is loaded again from ours, where the cookie counts', async () => {
    const answer = await closed.inject({
      url: '/campaigns/chostile00001',
      headers: { 'sec-fetch-site': 'cross-site' },
    });
    expect(load(answer.body)('meta[http-equiv=refresh]').attr('content')).toBe(
      '0;url=/campaigns/chostile00001',
    );
  });

  test('on this machine it is open, but not under another name', async () => {
    expect(
      load((await open.inject({ url: '/campaigns', headers: { host: 'localhost:8080' } })).body)(
        '.foot',
      ).text(),
    ).toContain('Open to this machine only');
    expect((await open.inject({ url: '/campaigns', headers: { host: 'crm.example.test' } })).statusCode).toBe(
      303,
    );
  });

  test.each([
    ['127.0.0.1', 'development', true],
    ['localhost', 'test', true],
    ['127.0.0.1', 'production', false],
    ['0.0.0.0', 'development', false],
    ['10.0.0.5', 'development', false],
  ])('listening on %s in %s: open is %s', (API_HOST, NODE_ENV, expected) =>
    expect(openToThisMachine({ API_HOST, NODE_ENV })).toBe(expected),
  );
});
