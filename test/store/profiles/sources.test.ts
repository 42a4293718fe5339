import { sourceSchema } from '../../../domain/profiles/source';
import { createSourcesStore, noteArrival } from '../../../store/sources-store';
import { tellLateFeeds } from '../../../worker/late-feeds';
import { databaseForEach } from '../../support/database';
import { file, importFile, MAPPING } from '../../support/imports';

const base = databaseForEach(3);
const HOUR_MS = 3_600_000;
const till = sourceSchema.parse({
  owner: 'caisse',
  format: 'csv',
  every: 'daily',
  graceSeconds: 3_600,
  legalBasis: 'contract',
});

test('a feed that is late is one incident, told once, and closed when the next file comes', async () => {
  const sql = base.db.app;
  const sources = createSourcesStore(sql);
  await sources.put('till', till, 'anne');
  await sources.put('now-and-then', sourceSchema.parse({ ...till, every: undefined }), 'anne');
  await noteArrival(sql, 'till');
  await noteArrival(sql, 'nobody-registered');
  const known = await sources.get('till');
  const last = known?.lastAt?.getTime() ?? 0;
  expect(known).toMatchObject({ lateSince: null, nextExpectedAt: new Date(last + 24 * HOUR_MS) });

  const notes: string[] = [];
  let answers = false;
  const round = (at: number) =>
    tellLateFeeds(
      {
        sources,
        messenger: {
          postNote: async (words) => {
            if (!answers) throw new Error('no answer');
            notes.push(words);
            return { channel: 'C1', ts: '1.1' };
          },
        },
        log: { warn: () => {} },
      },
      new Date(at),
    );
  const open = () => sql`select id, slack_ts from incidents where kind = 'feed-late' and closed_at is null`;

  await round(last + 24.9 * HOUR_MS);
  expect(await open()).toEqual([]);
  await round(last + 25.1 * HOUR_MS);
  expect(await open()).toHaveLength(1);
  answers = true;
  await round(last + 25.2 * HOUR_MS);
  await round(last + 99 * HOUR_MS);
  expect(notes).toHaveLength(1);
  expect(notes[0]).toContain('`till` (owner: caisse)');
  expect(await open()).toMatchObject([{ slack_ts: '1.1' }]);
  expect(await sources.get('till')).toMatchObject({ lateSince: new Date(last + 24 * HOUR_MS) });

  await noteArrival(sql, 'till');
  expect(await open()).toEqual([]);
  expect(await sources.get('till')).toMatchObject({ lateSince: null });
  const again = (await sources.get('till'))?.lastAt?.getTime() ?? 0;
  expect(again).toBeGreaterThan(last);
  await round(again + 26 * HOUR_MS);
  expect(notes).toHaveLength(2);
  // A slower rhythm: it is not late by that.
  await sources.put('till', { ...till, every: 'weekly' }, 'anne');
  expect(await open()).toEqual([]);
  await round(again + 26 * HOUR_MS);
  expect(await open()).toEqual([]);
});

test('one that never came is late by when it was registered', async () => {
  const sources = createSourcesStore(base.db.app);
  const { updatedAt } = await sources.put('till', till, 'anne');
  expect(await sources.markLate(new Date(updatedAt.getTime() + 25.1 * HOUR_MS))).toBe(1);
  expect(await sources.remove('till')).toBe(true);
  expect(await base.db.app`select from incidents where closed_at is null`).toHaveLength(0);
});

test('a file that came is noted at the source its mapping names', async () => {
  const sources = createSourcesStore(base.db.app);
  await sources.put('till', till, 'anne');
  await sources.put('shop', till, 'anne');
  await importFile(base.db, 'one', { ...MAPPING, source: 'till' }, file('1,anne@exemple.fr,,,,,,,,'));
  expect((await sources.list()).map(({ key, lastAt }) => [key, lastAt !== null])).toEqual([
    ['shop', false],
    ['till', true],
  ]);
});
