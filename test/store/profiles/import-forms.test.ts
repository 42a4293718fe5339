import { gzipSync } from 'node:zlib';
import type { MappingInput } from '../../../domain/profiles/mapping';
import { databaseForEach } from '../../support/database';
import { createProfilesStore } from '../../../store/profiles-store';
import { importFile, PEPPER } from '../../support/imports';

const database = databaseForEach(4);

const MAPPING: MappingInput = {
  key: 'app',
  source: 'app',
  format: 'ndjson',
  fields: [
    { column: 'id', to: 'customerKey' },
    { column: 'address.postcode', to: 'postcode' },
    { column: 'age', to: 'attributes.age', type: 'integer' },
    { column: 'member', to: 'attributes.member', type: 'boolean' },
  ],
};
const CSV: MappingInput = {
  ...MAPPING,
  key: 'csv',
  format: 'csv',
  fields: [{ column: 'id', to: 'customerKey' }],
};

const people = () => database.db.app<{ area: string | null; attributes: Record<string, unknown> }[]>`
  select area, attributes from profiles order by id`;

test('one JSON object a line: what is wrong costs its own line, told with its number', async () => {
  const lines = [
    '{"id": "a", "age": 41, "member": true, "address": {"postcode": "69001"}}',
    '',
    '{"id": "b", "age": "x"}',
    '{"id": "c"',
    '["d"]',
    '{"id": {"no": 1}}',
    `{"id": "f", "note": "${'x'.repeat(300_000)}"}`,
    '{"id": "é", "age": null, "address.postcode": "20000", "__proto__": 1}',
    `{"id": "h", "note": "${'x'.repeat(200_000)}"}`,
  ];
  // In pieces smaller than a line, that cut letters in two.
  const { record, rejects } = await importFile(database.db, 'i1', MAPPING, lines.join('\r\n'), 4_099);
  expect(rejects.map(({ line, code }) => [line, code])).toEqual([
    [3, 'integer-invalid'],
    [4, 'json-broken'],
    [5, 'json-broken'],
    [6, 'json-nested'],
    [7, 'line-too-long'],
  ]);
  expect(record).toMatchObject({
    format: 'ndjson',
    rows: 8,
    created: 3,
    rejected: 5,
    bytesRead: record.bytes,
  });
  expect([...(await people())]).toEqual([
    { area: '69', attributes: { age: 41, member: true } },
    { area: '2A', attributes: {} },
    { area: null, attributes: {} },
  ]);
  const again = await importFile(database.db, 'i2', MAPPING, lines.join('\r\n'));
  expect(again.record).toMatchObject({ created: 0, merged: 0, unchanged: 3, rejected: 5 });
});

test('a gzip is the file it holds', async () => {
  const rows = Array.from({ length: 3_000 }, (_, i) => `c${i}`);
  const bytes = gzipSync(`id\n${rows.join('\n')}`);
  const { record } = await importFile(database.db, 'z1', CSV, bytes, 777);
  expect(record).toMatchObject({ encoding: 'gzip', rows: 3_000, created: 3_000, bytes: bytes.length });
});

test.each<[string, Buffer, string]>([
  ['cut off', gzipSync(`id\n${'abc\n'.repeat(50_000)}`).subarray(0, 100), 'broken or cut off'],
  ['broken', Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.alloc(100, 7)]), 'broken or cut off'],
  [
    'a bomb',
    gzipSync(Buffer.concat([Buffer.from('id\n'), Buffer.alloc(20 << 20, `a,${'x'.repeat(997)}\n`)])),
    '200-fold',
  ],
])('a gzip that is %s ends the import before anything goes in', async (_name, bytes, words) => {
  await expect(importFile(database.db, 'z2', CSV, bytes)).rejects.toThrow(words);
  const [kept] = await database.db.app<{ state: string; error: string }[]>`select state, error from imports`;
  expect(kept?.state).toBe('failed');
  expect(kept?.error).toContain('csv-unreadable');
  expect((await people()).length).toBe(0);
});

test('of each field it is known which file it came from, when, and through which steps; a later word replaces it', async () => {
  const mapping: MappingInput = {
    key: 'crm',
    source: 'crm',
    fields: [
      { column: 'id', to: 'customerKey' },
      { column: 'cp', to: 'postcode' },
      { column: 'born', to: 'attributes.birth_date', type: 'date', format: 'dd/MM/yyyy' },
    ],
  };
  await importFile(database.db, 'first', mapping, 'id,cp,born\na,69003,31/12/1980\nb,75001,');
  const profiles = createProfilesStore(database.db, PEPPER);
  const anne = (await profiles.find({ customerKey: 'a' }))?.id ?? 0;
  const other = (await profiles.find({ customerKey: 'b' }))?.id ?? 0;
  const from = async (id = anne) =>
    (await profiles.origins(id)).map((o) => [o.field, o.source, o.importId, o.steps.join(' · ')]);
  const crm = [
    ['area', 'crm', 'first', 'column cp · département of the postcode'],
    ['attributes.birth_date', 'crm', 'first', 'column born · read as dd/MM/yyyy · date'],
    ['customerKey', 'crm', 'first', 'column id · NFC'],
    ['locale', 'crm', 'first', ''],
    ['market', 'crm', 'first', ''],
    ['postcode', 'crm', 'first', 'column cp · postcode of the market'],
  ];
  expect(await from()).toEqual(crm);
  // The same file says nothing new.
  await importFile(database.db, 'again', mapping, 'id,cp,born\na,69003,31/12/1980\nb,75001,');
  expect(await from()).toEqual(crm);
  await profiles.upsert(
    { fields: { customerKey: 'a', firstName: 'Anne' }, attributes: { birth_date: null } },
    'shop',
  );
  expect((await from()).filter(([, source]) => source === 'shop')).toEqual([
    ['firstName', 'shop', null, 'NFC'],
  ]);
  expect((await from()).map(([field]) => field)).not.toContain('attributes.birth_date');
  // Of whom nothing more was said, nothing more is noted.
  expect(await from(other)).toEqual(crm.filter(([field]) => field !== 'attributes.birth_date'));
  await importFile(database.db, 'more', mapping, 'id,cp,born\nc,69003,\nd,75001,\ne,75001,31/12/1980');
  const sets = await database.db.app`select fields from origin_sets`;
  expect(sets).toHaveLength(4);
});
