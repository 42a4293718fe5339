import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromRoot } from '../../../config/paths';
import type { MappingInput } from '../../../domain/profiles/mapping';
import { createSegmentsStore } from '../../../store/segments-store';
import { freshDatabase } from '../../support/database';
import { importFile } from '../../support/imports';

const FILE = join(fromRoot(), '..', 'shared', 'data', 'hillstrom.csv');

const MAPPING: MappingInput = {
  key: 'hillstrom',
  source: 'minethatdata-2008',
  market: 'US',
  locale: 'en',
  fields: [
    { column: 'customer_key', to: 'customerKey', madeUp: true },
    { column: 'recency', to: 'attributes.recency_months', type: 'integer' },
    { column: 'history_segment', to: 'attributes.history_band' },
    { column: 'history', to: 'attributes.past_year_spend_cents', type: 'money', currency: 'USD' },
    { column: 'newbie', to: 'attributes.newbie', type: 'boolean' },
    { column: 'mens', to: 'attributes.bought_mens', type: 'boolean' },
  ],
  events: [{ type: 'purchase', monthsAgoColumn: 'recency', valueColumn: 'history', currency: 'USD' }],
};

const present = existsSync(FILE);
if (!present) console.warn(`skipped: ${FILE} is not on this machine, so the real file is not imported`);

(present ? test : test.skip)(
  '64,000 real customers go in whole, comma inside quotes included',
  async () => {
    const [header = '', ...lines] = readFileSync(FILE, 'utf8')
      .split(/\r?\n/)
      .filter((line) => line !== '');
    const file = [`customer_key,${header}`, ...lines.map((line, i) => `H${i + 1},${line}`)].join('\n');
    // What the file says, read without any of the code under test: the amount is the third cell before any quote.
    const cents = lines.map((line) => Math.round(Number(/(\d+(?:\.\d+)?),[01],[01],/.exec(line)?.[1]) * 100));
    const database = await freshDatabase(4);
    try {
      const { record, rejects } = await importFile(database.db, 'hillstrom', MAPPING, file);
      expect(rejects).toEqual([]);
      expect(record).toMatchObject({ rows: 64_000, created: 64_000, merged: 0, rejected: 0, events: 64_000 });
      const [sums] = await database.db.app<{ spend: number; bought: number; bands: number }[]>`
      select sum((attributes -> 'past_year_spend_cents')::bigint)::bigint as spend, count(distinct attributes -> 'history_band') as bands,
        (select sum(value_cents)::bigint from events) as bought from profiles`;
      const total = cents.reduce((a, b) => a + b, 0);
      expect({ ...sums }).toEqual({ spend: total, bought: total, bands: 7 });
      const quoted = lines.filter((line) => line.includes('"7) $1,000 +"')).length;
      expect(quoted).toBeGreaterThan(0);
      const { count } = createSegmentsStore(database.db.app);
      // By hand: spent $350 to $500 in the past year, and the cell after the amount says men's.
      const byHand = lines.filter((line, i) => {
        const spent = cents[i] ?? 0;
        return spent >= 35_000 && spent <= 50_000 && /\d,1,[01],/.test(line.replace(/"[^"]*"/, ''));
      }).length;
      expect(byHand).toBeGreaterThan(1_000);
      expect(
        await count({
          all: [
            { attribute: 'past_year_spend_cents', op: 'gte', value: 35_000 },
            { attribute: 'past_year_spend_cents', op: 'lte', value: 50_000 },
            { attribute: 'bought_mens', op: 'eq', value: true },
          ],
        }),
      ).toBe(byHand);
      expect(await count({ attribute: 'history_band', op: 'eq', value: '7) $1,000 +' })).toBe(quoted);
      expect(await count({ event: 'purchase', measure: 'sum-cents', op: 'gte', value: 100_000 })).toBe(
        cents.filter((c) => c >= 100_000).length,
      );
    } finally {
      await database.close();
    }
  },
  300_000,
);
