import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { describeWithBrowser, launchBrowser } from '../../support/browser';
import { FOCUSED, LOW_CONTRASTS, OPEN_DETAILS, SIDEWAYS, type Focus } from '../../support/in-page';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { pagesApp } from '../../support/pages-app';
import { seedFinishedTest, seedPage, seedWordCreatives } from '../../support/seed-pages';

const SHOTS = process.env['BOUCLE_SCREENSHOTS'];

let fresh: FreshDatabase;
let app: Awaited<ReturnType<typeof pagesApp>>;
let browser: Browser;
let origin: string;

describeWithBrowser('the pages in a browser', () => {
  beforeAll(async () => {
    fresh = await freshDatabase();
    const sql = fresh.db.app;
    await seedPage(sql, { id: 'crunning0001', stage: 'experiment', minutesAgo: 9 });
    await seedPage(sql, {
      id: 'cwaiting0001',
      stage: 'approve',
      blockedOn: 'approval',
      name: 'Ventes privées d’automne',
      minutesAgo: 40,
    });
    await seedPage(sql, {
      id: 'cdone0000001',
      stage: 'learn',
      end: 'completed',
      endReason: 'Ton personnel shipped to everybody.',
      minutesAgo: 200,
    });
    await seedPage(sql, {
      id: 'cstopped0001',
      stage: 'pilot-observe',
      end: 'stopped',
      endReason: 'Unsubscribe rate of the pilot crossed its limit: 1.9 % (lower bound 0.8 %) above 0.5 %.',
      name: 'Fidélité : double points',
      minutesAgo: 900,
    });
    await sql`insert into incidents (id, campaign_id, kind, message) values ('i1', 'cstopped0001', 'guardrail.pilot', 'Unsubscribe rate of the pilot crossed its limit: 1.9 % (lower bound 0.8 %) above 0.5 %.')`;
    await seedWordCreatives(sql, 'cdone0000001');
    await seedFinishedTest(sql, 'hillstrom-visit', 'share');
    await seedFinishedTest(sql, 'hillstrom-spend', 'mean');
    app = await pagesApp(sql);
    origin = await app.listen({ host: '127.0.0.1', port: 0 });
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await app?.close();
    await fresh?.close();
  });

  async function open(
    path: string,
    width: number,
    colorScheme: 'light' | 'dark' = 'light',
  ): Promise<{ page: Page; faults: string[] }> {
    const context = await browser.newContext({
      viewport: { width, height: 900 },
      colorScheme,
      timezoneId: 'Europe/Paris',
      locale: 'en-GB',
    });
    const page = await context.newPage();
    const faults: string[] = [];
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    page.on('pageerror', (error) => faults.push(error.message));
    page.on(
      'request',
      (request) =>
        !request.url().startsWith(origin) &&
        !request.url().startsWith('data:') &&
        faults.push(`outside: ${request.url()}`),
    );
    await page.goto(origin + path, { waitUntil: 'load' });
    return { page, faults };
  }

  const PAGES = [
    ['list', '/campaigns'],
    ['running', '/campaigns/crunning0001'],
    ['waiting', '/campaigns/cwaiting0001'],
    ['done', '/campaigns/cdone0000001'],
    ['stopped', '/campaigns/cstopped0001'],
    ['test', '/experiments/hillstrom-visit'],
    ['amounts', '/experiments/hillstrom-spend'],
    ['sign-in', '/campaigns/sign-in'],
  ] as const;
  const SIZES = [
    [1280, 'light'],
    [390, 'dark'],
    [1280, 'dark'],
    [390, 'light'],
  ] as const;
  const FULLY = new Set<string>(['list', 'running', 'done']);
  const looks = PAGES.flatMap(([name, path]) =>
    SIZES.slice(0, FULLY.has(name) ? 4 : 2).map(([width, scheme]) => [name, path, width, scheme] as const),
  );

  test.each(looks)(
    '%s at %s, %d px wide, %s: no fault, no sideways scroll, readable',
    async (name, path, width, scheme) => {
      const { page, faults } = await open(path, width, scheme);
      if (SHOTS) {
        mkdirSync(SHOTS, { recursive: true });
        await page.waitForLoadState('networkidle');
        await page.evaluate(OPEN_DETAILS);
        await page.screenshot({ path: join(SHOTS, `${name}-${width}-${scheme}.png`), fullPage: true });
      }
      expect(faults).toEqual([]);
      const wide = await page.evaluate<number>(SIDEWAYS);
      expect(wide).toBeLessThanOrEqual(0);
      expect(await page.locator('h1').count()).toBe(1);
      expect(await page.evaluate<string[]>(LOW_CONTRASTS)).toEqual([]);
      await page.context().close();
    },
  );

  test('headings go down one level at a time, tables have captions, ids are there once', async () => {
    for (const [, path] of PAGES) {
      const { page } = await open(path, 1280);
      const levels = await page
        .locator('h1,h2,h3,h4')
        .evaluateAll((all) => all.filter((h) => h.checkVisibility()).map((h) => Number(h.tagName.slice(1))));
      levels.forEach((level, i) => expect(level - (levels[i - 1] ?? 0)).toBeLessThanOrEqual(1));
      expect(await page.locator('table:not(.prose table):not(:has(caption))').count()).toBe(0);
      const ids = await page.locator('[id]').evaluateAll((all) => all.map((e) => e.id));
      expect(new Set(ids).size).toBe(ids.length);
      await page.context().close();
    }
  });

  test('everything that can be used is reached by the keyboard, and shows it', async () => {
    const { page } = await open('/campaigns/crunning0001', 1280);
    await page.keyboard.press('Tab');
    expect((await page.evaluate<Focus>(FOCUSED))?.text).toBe('Skip to content');
    const reached = new Set<string>();
    for (let i = 0; i < 80; i++) {
      const at = await page.evaluate<Focus>(FOCUSED);
      if (at === null) break;
      expect(at.shown).toBe(true);
      reached.add(`${at.tag} ${at.text}`);
      await page.keyboard.press('Tab');
    }
    expect([...reached]).toEqual(
      expect.arrayContaining(['A Campaigns', 'SUMMARY Why messages were not accepted', 'A Run in Temporal']),
    );
    await page.context().close();
  });

  test('follows a running wave by itself, keeping what was opened and focused', async () => {
    const { page, faults } = await open('/campaigns/crunning0001', 1280);
    await page.locator('#reasons > summary').click();
    const before = await page.locator('.sum strong').textContent();
    await fresh.db
      .app`update campaigns set blocked_on = 'paused by a person', hold = 'paused' where id = 'crunning0001'`;
    await fresh.db
      .app`update waves set planned = planned + 100 where campaign_id = 'crunning0001' and wave = 'test'`;
    await page.locator('.standing-word', { hasText: 'Paused' }).waitFor({ timeout: 15_000 });
    await expectEventually(async () => (await page.locator('.sum strong').textContent()) !== before);
    expect(await page.locator('#reasons').evaluate((d) => d.hasAttribute('open'))).toBe(true);
    expect(await page.locator('time').first().getAttribute('title')).toContain('CET');
    expect(faults).toEqual([]);
    await fresh.db.app`update campaigns set blocked_on = null, hold = 'run' where id = 'crunning0001'`;
    await page.context().close();
  });

  test('a message is shown in a frame that can run nothing', async () => {
    const sql = fresh.db.app;
    const [row] = await sql<{ id: number }[]>`
      update creatives set html = html || '<script>parent.document.title = "taken"; document.body.innerHTML = "ran"</script>'
      where campaign_id = 'cdone0000001' and arm = 'perso' returning id`;
    const { page } = await open(`/campaigns/cdone0000001/creatives/${row?.id ?? 0}`, 1280);
    const frame = page.frameLocator('iframe').first();
    expect(await frame.locator('h1').textContent()).toContain('Camille');
    expect(await frame.locator('body').innerText()).not.toContain('ran');
    expect(await page.title()).not.toBe('taken');
    if (SHOTS) await page.screenshot({ path: join(SHOTS, 'creative-1280-light.png'), fullPage: true });
    await page.context().close();
  });

  test.each(['sms', 'push', 'in-app', 'letter'])(
    'a message by %s is shown as its channel sets it',
    async (channel) => {
      const [row] = await fresh.db.app<{ id: number }[]>`
      select id from creatives where campaign_id = 'cdone0000001' and channel = ${channel}`;
      for (const [width, scheme] of SIZES.slice(0, 2)) {
        const { page, faults } = await open(
          `/campaigns/cdone0000001/creatives/${row?.id ?? 0}`,
          width,
          scheme,
        );
        if (SHOTS)
          await page.screenshot({
            path: join(SHOTS, `creative-${channel}-${width}-${scheme}.png`),
            fullPage: true,
          });
        expect(faults).toEqual([]);
        expect(await page.evaluate<number>(SIDEWAYS)).toBeLessThanOrEqual(0);
        expect(await page.evaluate<string[]>(LOW_CONTRASTS)).toEqual([]);
        expect(await page.locator('.said').count()).toBe(channel === 'in-app' ? 2 : 1);
        expect(await page.locator('main').innerText()).not.toMatch(/\{\{|\{%/);
        await page.context().close();
      }
    },
  );

  test('a link from another site reaches somebody who is signed in', async () => {
    const guarded = await pagesApp(fresh.db.app, { anonymous: false });
    const address = await guarded.listen({ host: '127.0.0.1', port: 0 });
    const { createAccessStore } = await import('../../../store/access-store');
    const { key } = await createAccessStore(fresh.db.app).create({ principal: 'camille', roles: ['viewer'] });
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${address}/campaigns/cdone0000001`);
    await page.getByLabel('API key').fill(key);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL('**/campaigns/cdone0000001');
    expect(await page.locator('.who').textContent()).toBe('camille');
    // localhost and 127.0.0.1 are different sites: the cookie stays behind on the first request.
    const elsewhere = address.replace('127.0.0.1', 'localhost');
    await page.goto(`${elsewhere}/campaigns/sign-in`);
    await page.setContent(`<a href="${address}/campaigns/cdone0000001">from afar</a>`);
    await page.getByText('from afar').click();
    await page.locator('.who').waitFor({ timeout: 10_000 });
    await context.close();
    await guarded.close();
  });
});

async function expectEventually(holds: () => Promise<boolean>): Promise<void> {
  const until = Date.now() + 10_000;
  while (!(await holds())) {
    if (Date.now() > until) throw new Error('it never came');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
