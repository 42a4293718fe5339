import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { load } from 'cheerio';
import { evaluateCampaign } from '../../../domain/experiments/campaign-evaluation';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { pagesApp } from '../../support/pages-app';
import { seedPage } from '../../support/seed-pages';

const HOSTILE = '<img src=x onerror=alert(1)>';
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

const counts = (temoin: number, perso: number) => [
  { arm: 'temoin', n: 5_000, events: temoin },
  { arm: 'perso', n: 5_000, events: perso },
];

const result = () =>
  evaluateCampaign({
    metric: 'visit',
    direction: 'increase',
    windowSeconds: 14 * 86_400,
    alpha: 0.05,
    minPerArm: 1_000,
    cells: [],
    concurrent: [
      {
        campaignId: 'cother000001',
        name: HOSTILE,
        cells: [
          { arm: 'temoin', otherArm: 'x', n: 1_000, events: 100 },
          { arm: 'perso', otherArm: 'x', n: 1_000, events: 220 },
          { arm: 'temoin', otherArm: 'y', n: 1_000, events: 100 },
          { arm: 'perso', otherArm: 'y', n: 1_000, events: 90 },
        ],
      },
    ],
    arms: [
      { key: 'temoin', label: 'Sans message', weight: 1, control: true, n: 5_000, events: 500 },
      { key: 'perso', label: 'Ton personnel', weight: 1, n: 5_000, events: 520 },
    ],
    otherMetrics: [
      {
        role: 'secondary',
        event: HOSTILE,
        direction: 'increase',
        windowSeconds: 86_400,
        cells: counts(500, 700),
      },
    ],
    groups: {
      segments: ['paris'],
      segmentCells: [
        ...counts(500, 700).map((cell) => ({ ...cell, segment: 'paris', inside: true })),
        ...counts(500, 510).map((cell) => ({ ...cell, segment: 'paris', inside: false })),
      ],
      personas: ['vip'],
    },
  });

test('the page shows what was planned and measured beside the primary metric, names as words', async () => {
  const sql = fresh.db.app;
  await seedPage(sql, { id: 'cbeside000001', stage: 'rollout' });
  await sql`
    update evaluations set result = ${sql.json(JSON.parse(JSON.stringify(result())))} where campaign_id = 'cbeside000001'`;
  await sql`
    update campaigns set scenario = scenario || ${sql.json({
      experiment: {
        testShare: 0.4,
        alpha: 0.05,
        secondaryMetrics: [{ event: HOSTILE, direction: 'increase', windowSeconds: 86_400 }],
        subPopulations: { segments: ['paris'], personas: ['vip'] },
      },
    })} where id = 'cbeside000001'`;
  const $ = load((await app.inject('/campaigns/cbeside000001')).body);
  const rows = (label: string) =>
    $(`[aria-label="${label}"] tbody tr`)
      .toArray()
      .map((row) => [
        $(row).find('th').text(),
        $(row).find('td').first().text(),
        $(row).find('td').last().text(),
      ]);
  expect(rows('Also measured')).toEqual([[`${HOSTILE} within 1 day`, 'Ton personnel', 'better']]);
  expect($('[aria-label="Also measured"] thead').text()).toContain('Sans message');
  expect(rows('visit by group')).toEqual([
    ['in paris', 'Ton personnel', 'better'],
    ['not in paris', 'Ton personnel', 'exploratory'],
    ['persona vip', 'nobody to compare', 'nobody to compare'],
  ]);
  expect($('#experiment, [aria-labelledby="experiment"]').text()).toContain(
    'Ton personnel, in paris against everybody else: the effect differs',
  );
  const shared = $('h3:contains("Tests that shared people") + ul').text();
  expect(shared).toContain(`${HOSTILE} (cother000001), 4000 people in both: the effect differs`);
  const facts = $('dl.facts').text();
  expect(facts).toContain('40% of those outside the pilot; alpha 0.05; one look, at the end');
  expect(facts).toContain(`more ${HOSTILE} within 1 day`);
  expect(facts).toContain('who is in paris; persona vip');
  expect($('img[src="x"]')).toHaveLength(0);

  await seedPage(sql, { id: 'cbeside000002', stage: 'rollout' });
  const plain = load((await app.inject('/campaigns/cbeside000002')).body);
  expect(plain('[aria-label="Also measured"]')).toHaveLength(0);
  expect(plain('h3:contains("Tests that shared people")')).toHaveLength(0);
  expect(plain('dl.facts dt').last().text()).toBe('North star');
});
