import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { load } from 'cheerio';
import { writeFileSync } from 'node:fs';
import { holdoutSchema } from '../../../domain/delivery/holdout';
import { createPoliciesStore } from '../../../store/policies-store';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { pagesApp } from '../../support/pages-app';

const SHOT = process.env['BOUCLE_SCREENSHOTS'];
let fresh: FreshDatabase;
let app: Awaited<ReturnType<typeof pagesApp>>;
beforeAll(async () => {
  fresh = await freshDatabase();
  app = await pagesApp(fresh.db.app);
});
afterAll(async () => {
  await app.close();
  await fresh.close();
});

test('the programme: which holdouts there are, and what each came to month by month', async () => {
  const sql = fresh.db.app;
  expect((await app.inject('/holdouts')).body).toContain('Nobody is held out');
  for (const nobodys of ['none', 'constructor'])
    expect((await app.inject(`/holdouts/${nobodys}`)).statusCode).toBe(404);
  const start = new Date(Date.now() - 130 * 86_400_000);
  const day = start.toISOString().slice(0, 10);
  await createPoliciesStore(sql).put(
    'holdout',
    'standing',
    holdoutSchema.parse({ share: 0.2, start: day, period: 'none', salt: 'x' }),
    'test',
  );
  await sql`update policy_changes set changed_at = ${start}`;
  await sql`
    insert into profiles (market, source, created_at) select 'FR', 'test', ${new Date(start.getTime() - 86_400_000 * 30)} from generate_series(1, 5000)`;
  // Who may be written to buys more often than who is held out.
  await sql`
    insert into events (id, profile_id, type, at, value_cents)
    select 'e' || id, id, 'purchase', ${new Date(start.getTime() + 86_400_000)}::timestamptz + make_interval(days => mod(id, 90)::int), 4000
    from profiles
    where get_byte(sha256(('n' || id)::bytea), 0) < case
      when get_byte(sha256(convert_to(E'holdout.standing.x.always\\x1f' || id, 'UTF8')), 0) < 51 then 40 else 70 end`;
  const list = load((await app.inject('/holdouts')).body);
  expect(list('a[href="/holdouts/standing"]').parent().text()).toMatch(/20\.0\s%\sof everybody/);
  const { body } = await app.inject('/holdouts/standing');
  if (SHOT !== undefined) writeFileSync(`${SHOT}/holdout.html`, body);
  const $ = load(body);
  expect($('.verdict-word').text().trim()).toBe('The programme brings more than sending nothing would.');
  expect($('[aria-label="Months"] tbody tr').length).toBeGreaterThanOrEqual(3);
  expect($('[aria-label="Months"] svg.forest')).toHaveLength($('[aria-label="Months"] tbody tr').length);
  const spent = load((await app.inject('/holdouts/standing?kind=amount&event=purchase')).body);
  expect(spent('.verdict').text()).toMatch(/EUR in all/);
  const odd = load((await app.inject('/holdouts/standing?event=%3Cimg%20src%3Dx%3E')).body);
  expect(odd('img[src="x"]')).toHaveLength(0);
  expect(odd('.verdict-word').text()).toContain('Too few');
  expect(odd('.verdict').text()).toContain('Nobody ever had an event of this type.');
  await createPoliciesStore(sql).put(
    'holdout',
    'later',
    holdoutSchema.parse({ share: 0.2, start: '2099-01-01', period: 'none' }),
    'test',
  );
  const later = load((await app.inject('/holdouts/later')).body);
  expect(later('[data-part="lift"]').text()).toContain(
    'It has not begun: nobody is held out before 2099-01-01.',
  );
});
