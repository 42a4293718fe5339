import { createServer, type Server } from 'node:http';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { createInAppStore } from '../../../store/in-app-store';
import { apiUnderTest, type ApiUnderTest } from '../../support/api';
import { describeWithBrowser, launchBrowser } from '../../support/browser';
import { consent } from '../../support/gate';
import { LOW_CONTRASTS } from '../../support/in-page';
import { seedCampaign, type SeededCampaign } from '../../support/seed-campaign';

const SHOTS = process.env['BOUCLE_SCREENSHOTS'];
const MARKUP = '<img src=x onerror="document.title=\'taken\'"> & vos lampes';

let api: ApiUnderTest;
let seeded: SeededCampaign;
let shop: Server;
let shopUrl: string;
let apiUrl: string;
let browser: Browser;
let token: string;

describeWithBrowser('the in-app banner in a browser', () => {
  beforeAll(async () => {
    api = await apiUnderTest();
    apiUrl = await api.app.listen({ host: '127.0.0.1', port: 0 });
    seeded = await seedCampaign(api.database.db, { campaignId: 'cinapp000001', people: 1 });
    const [profileId = 0] = seeded.profileIds;
    await consent(api.database.db, profileId, 'promotion', 'in-app');
    const opened = await api.call('POST', '/v1/in-app/sessions', {
      body: { profile: { id: profileId }, brand: 'maison-lumen' },
    });
    token = opened.json().token;
    // Another origin, whose own policy allows the script and its questions and no style of anybody's.
    shop = createServer((request, response) => {
      const context = new URL(request.url ?? '/', 'http://shop').searchParams.get('context') ?? '';
      response.writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': `default-src 'none'; script-src ${apiUrl}; connect-src ${apiUrl}`,
      });
      response.end(
        request.url?.startsWith('/compte')
          ? '<!doctype html><html lang="fr"><title>Mon compte</title><h1>Mon compte</h1>'
          : `<!doctype html><html lang="fr"><title>Boutique</title><h1>Boutique</h1><a href="/panier">Panier</a>
             <script src="${apiUrl}/in-app.js" data-token="${token}" data-placement="accueil" data-context="${context}"></script>`,
      );
    });
    await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
    const address = shop.address();
    shopUrl = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    shop?.close();
    await api?.close();
  });
  afterEach(async () => {
    await api.database.db.identity`delete from identity.in_app_messages`;
    await api.database.db.app`delete from events`;
    await api.database.db.app`delete from deliveries`;
  });

  async function publish(contexts: string[] = []): Promise<number> {
    const [profileId = 0] = seeded.profileIds;
    const [delivery] = await api.database.db.app<{ id: number }[]>`
      insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, state)
      values (${seeded.campaignId}, 'first', ${profileId}, 'test', 'a', 'habitues', 'in-app', 'accepted') returning id`;
    const deliveryId = delivery?.id ?? 0;
    await createInAppStore(api.database.db).publish({
      deliveryId,
      profileId,
      campaignId: seeded.campaignId,
      brand: 'maison-lumen',
      placement: 'accueil',
      contexts,
      title: MARKUP,
      body: 'Choisies pour les soirs\nqui rallongent.',
      ctaLabel: 'Voir la sélection',
      ctaUrl: `${shopUrl}/compte`,
      locale: 'fr',
      transparent: true,
      expiresAt: null,
    });
    return deliveryId;
  }

  async function open(
    path = '/',
    colorScheme: 'light' | 'dark' = 'light',
  ): Promise<{ page: Page; faults: string[] }> {
    const context = await browser.newContext({ viewport: { width: 900, height: 600 }, colorScheme });
    const page = await context.newPage();
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    await page.goto(shopUrl + path, { waitUntil: 'networkidle' });
    return { page, faults };
  }
  const told = async (count: number): Promise<string[]> => {
    for (const until = Date.now() + 10_000; ;) {
      const events = await api.database.db.app<{ type: string }[]>`select type from events order by at, type`;
      if (events.length >= count || Date.now() > until) return events.map(({ type }) => type);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  test.each(['light', 'dark'] as const)(
    'it is words, readable in %s, and tells once that it was seen',
    async (scheme) => {
      await publish();
      const { page, faults } = await open('/', scheme);
      const banner = page.getByRole('complementary');
      expect(await banner.getByRole('heading').textContent()).toBe(MARKUP);
      expect(await banner.locator('img').count()).toBe(0);
      expect(await page.title()).toBe('Boutique');
      expect(await banner.getAttribute('lang')).toBe('fr');
      expect(await told(1)).toEqual(['message.shown']);
      expect(
        await page.evaluate<string[]>(
          LOW_CONTRASTS.replace('document.body,', "document.querySelector('[role=status]').shadowRoot,"),
        ),
      ).toEqual([]);
      if (SHOTS) {
        mkdirSync(SHOTS, { recursive: true });
        await page.screenshot({ path: join(SHOTS, `in-app-${scheme}.png`) });
      }
      expect(faults).toEqual([]);
      await page.reload({ waitUntil: 'networkidle' });
      expect(await page.getByRole('complementary').count()).toBe(1);
      expect(await told(1)).toEqual(['message.shown']);
      await page.context().close();
    },
  );

  test('by keyboard: the page first, then link and button; Escape waves it away for the day', async () => {
    await publish();
    const { page } = await open();
    await page.getByRole('complementary').waitFor();
    expect(await page.evaluate<string>('document.activeElement.tagName')).toBe('BODY');
    const focused = `(() => { const e = document.activeElement.shadowRoot ? document.activeElement.shadowRoot.activeElement : document.activeElement; return e.ariaLabel || e.textContent; })()`;
    const reached: string[] = [];
    for (const name of ['Panier', 'Voir la sélection', 'Fermer']) {
      await page.keyboard.press('Tab');
      await page
        .waitForFunction(`${focused} === ${JSON.stringify(name)}`, undefined, { timeout: 5_000 })
        .catch(() => {});
      reached.push(await page.evaluate<string>(focused));
    }
    expect(reached).toEqual(['Panier', 'Voir la sélection', 'Fermer']);
    await page.keyboard.press('Escape');
    expect(await page.getByRole('complementary').count()).toBe(0);
    expect(await told(2)).toEqual(['message.shown', 'message.dismissed']);
    await page.reload({ waitUntil: 'networkidle' });
    expect(await page.getByRole('complementary').count()).toBe(0);
    await page.context().close();
  });

  test('a click is told though the page is left, and is the end of it', async () => {
    await publish();
    const { page } = await open();
    await page.getByRole('link', { name: 'Voir la sélection' }).click();
    await page.waitForURL('**/compte');
    expect((await told(2)).sort()).toEqual(['message.clicked', 'message.shown']);
    await page.goto(shopUrl, { waitUntil: 'networkidle' });
    expect(await page.getByRole('complementary').count()).toBe(0);
    await page.context().close();
  });

  test('only in the sessions it is for; without one, or with a token that ran out, the page is as it was', async () => {
    await publish(['panier']);
    for (const [path, shown] of [
      ['/?context=blog', 0],
      ['/?context=panier', 1],
    ] as const) {
      const { page } = await open(path);
      expect(await page.getByRole('complementary').count()).toBe(shown);
      await page.context().close();
    }
    token = `${token.slice(0, -4)}AAAA`;
    const { page } = await open('/?context=panier');
    expect(await page.getByRole('complementary').count()).toBe(0);
    await page.context().close();
  });
});
