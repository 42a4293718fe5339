import { createProfilesActivities } from '../../../activities/profiles';
import { createImportBatches } from '../../../store/import-batches';
import { createImportsStore } from '../../../store/imports-store';
import { createPoliciesStore } from '../../../store/policies-store';
import { createProfilesStore } from '../../../store/profiles-store';
import { databaseForEach } from '../../support/database';
import { eventTypesOf, file, HEADER, importFile, MAPPING, PEPPER, stageFile } from '../../support/imports';

const database = databaseForEach(4);

/** Everything an import writes but its own report, as one comparable value. */
async function everything(): Promise<object> {
  return {
    profiles: await database.db.app`select * from profiles order by id`,
    people: await database.db.identity`select * from identity.people order by profile_id`,
    keys: await database.db.app`select * from profile_keys order by kind, hash`,
    events: await database.db.app`select * from events order by id`,
    consents: await database.db.app`select * from consent_events order by id`,
    state: await database.db.app`select * from consent_state order by profile_id, purpose, channel`,
  };
}

const DIRTY = Buffer.from(
  '\ufeff' +
    [
      HEADER,
      '1,anne@exemple.fr,06 12 34 56 78,Anne,75011,41,"1 142,44",2,oui,2025-01-02',
      '2,"bob@exemple.fr",,"Bob, ""le grand""",69001,35,12.00,1,non,',
      '3,not-an-address,,Carl,13001,20,,,oui,',
      '',
      '4,dora@exemple.fr,,"Dora',
      'Maria",2000,fifty,,,peut-etre,',
      '5,eve@exemple.fr,,Eve',
      '6,finn@exemple.fr,,"Finn"!,,,,,,',
      ',,,Nobody,,,,,,',
      '1,ANNE@EXEMPLE.FR,,Annie,75011,42,"1 142,44",2,oui,2025-01-02',
    ].join('\r\n') +
    '\r\n',
  'utf8',
);

test('dirty rows are refused with line and reason, the rest goes in, duplicates merge and the last one wins', async () => {
  const { record, rejects } = await importFile(database.db, 'one', MAPPING, DIRTY, 7);
  expect(record).toMatchObject({
    state: 'done',
    rows: 8,
    created: 2,
    merged: 1,
    unchanged: 0,
    rejected: 5,
    events: 2,
    consents: 2,
  });
  expect(rejects.map((r) => [r.line, r.field, r.code])).toEqual([
    [4, 'email', 'email-invalid'],
    [6, 'attributes.age', 'integer-invalid'],
    [6, 'consents.promotion.email', 'consent-unknown'],
    [8, '*', 'wrong-column-count'],
    [9, '*', 'quotes-broken'],
    [10, '*', 'no-key'],
  ]);
  const profiles = createProfilesStore(database.db, PEPPER);
  expect(await profiles.find({ customerKey: '1' })).toMatchObject({
    area: '75',
    market: 'FR',
    attributes: { age: 42, spend_cents: 114_244 },
    reachable: { email: true, phone: true },
  });
  const names = await database.db.identity<
    { first_name: string; phone: string | null }[]
  >`select first_name, phone from identity.people order by customer_key`;
  expect(names.map((n) => [n.first_name, n.phone])).toEqual([
    ['Annie', '+33612345678'],
    ['Bob, "le grand"', null],
  ]);
});

test('the same import again, and the same file again, change nothing', async () => {
  const first = await importFile(database.db, 'one', MAPPING, DIRTY);
  const before = await everything();
  const { runImport } = createProfilesActivities({
    imports: createImportsStore(database.db.app),
    batches: createImportBatches(database.db.identity, PEPPER),
    eventTypes: eventTypesOf(database.db),
    heartbeat: () => {},
  });
  expect(await runImport({ importId: 'one' })).toEqual({ rows: 8, created: 2, merged: 1, rejected: 5 });
  const clean = file(
    '1,anne@exemple.fr,06 12 34 56 78,Annie,75011,42,"1 142,44",2,oui,2025-01-02',
    '2,bob@exemple.fr,,"Bob, ""le grand""",69001,35,12.00,1,non,',
  );
  const second = await importFile(database.db, 'two', { ...MAPPING, key: 'again' }, clean);
  expect(second.record).toMatchObject({
    rows: 2,
    created: 0,
    merged: 0,
    unchanged: 2,
    rejected: 0,
    events: 0,
    consents: 0,
  });
  const third = await importFile(database.db, 'three', MAPPING, DIRTY);
  expect(third.record).toMatchObject({
    rows: 8,
    created: 0,
    merged: 0,
    unchanged: 3,
    rejected: 5,
    events: 0,
    consents: 0,
  });
  expect(third.rejects).toEqual(first.rejects);
  expect(await everything()).toEqual(before);
});

test('a file that says two things of somebody, far apart, changes nothing the second time', async () => {
  const rows = Array.from({ length: 2_500 }, (_, i) => `${i},p${i}@exemple.fr,,P,,${20 + (i % 50)},,,,`);
  const text = file(...rows, ...rows.slice(0, 40).map((row) => row.replace(',P,', ',Q,')), '3,,,,,fifty,,,,');
  const first = await importFile(database.db, 'one', MAPPING, text);
  expect(first.record).toMatchObject({ rows: 2_541, created: 2_500, merged: 40, unchanged: 0, rejected: 1 });
  const before = await everything();
  const second = await importFile(database.db, 'two', MAPPING, text);
  expect(second.record).toMatchObject({ rows: 2_541, created: 0, merged: 0, unchanged: 2_540, rejected: 1 });
  expect(await everything()).toEqual(before);
  const [last] = await database.db.identity<
    { n: number }[]
  >`select count(*) as n from identity.people where first_name = 'Q'`;
  expect(last?.n).toBe(40);
});

test('people are found by customer key, then address, then telephone', async () => {
  await importFile(
    database.db,
    'one',
    MAPPING,
    file('1,anne@exemple.fr,0612345678,Anne,,,,,,', '2,bob@exemple.fr,0623456789,Bob,,,,,,'),
  );
  const { record, rejects } = await importFile(
    database.db,
    'two',
    MAPPING,
    file(
      '1,new@exemple.fr,,,,30,,,,', // by key: a new address
      ',anne@exemple.fr,,,,31,,,,', // by the old address, which is theirs again
      ',,06 12 34 56 78,,,32,,,,', // by telephone
      '2,anne@exemple.fr,,,,33,,,,', // the key wins, and the address stays with its owner
      '9,zoe@exemple.fr,0612345678,Zoe,,34,,,,', // the landline of a household joins nobody
    ),
  );
  expect(record).toMatchObject({ rows: 5, created: 1, merged: 4, rejected: 0 });
  expect(rejects).toEqual([
    { line: 5, field: 'email', code: 'key-conflict', reason: expect.any(String) },
    { line: 6, field: 'phone', code: 'key-conflict', reason: expect.any(String) },
  ]);
  const people = await database.db.identity`
    select customer_key, email, phone, p.attributes from identity.people i join profiles p on p.id = i.profile_id order by 1`;
  expect(people.map((p) => Object.values(p))).toEqual([
    ['1', 'anne@exemple.fr', '+33612345678', { age: 32 }],
    ['2', 'bob@exemple.fr', '+33623456789', { age: 33 }],
    ['9', 'zoe@exemple.fr', null, { age: 34 }],
  ]);
  const [shared] = await database.db.app<
    { n: number }[]
  >`select count(*) as n from (select email_fp from profiles group by 1 having count(*) > 1) x`;
  expect(shared?.n).toBe(0);
});

test('a file without the mapped columns, or empty, fails with words and no values', async () => {
  await expect(importFile(database.db, 'one', MAPPING, 'id;mail\n1;a@b.fr')).rejects.toMatchObject({
    type: 'csv-unreadable',
  });
  await expect(importFile(database.db, 'two', MAPPING, '')).rejects.toMatchObject({ type: 'csv-unreadable' });
  const imports = createImportsStore(database.db.app);
  expect(await imports.get('one')).toMatchObject({
    state: 'failed',
    rows: 0,
    error: expect.stringMatching(/^csv-unreadable: .*lacks mapped columns/),
  });
  expect(await staged()).toBe(0);
  const latin1 = await importFile(
    database.db,
    'three',
    MAPPING,
    Buffer.from(file('1,a@exemple.fr,,H\u00e9l\u00e8ne,,,,,,', '2,b@exemple.fr,,Bob,,,,,,'), 'latin1'),
  );
  expect(latin1.record).toMatchObject({ created: 1, rejected: 1 });
  expect(latin1.rejects).toMatchObject([{ line: 2, field: 'firstName', code: 'encoding-invalid' }]);
});

test('an attempt that died half-way is taken up where it was, and two at once count each row once', async () => {
  const rows = Array.from(
    { length: 3_500 },
    (_, i) => `${i},p${i}@exemple.fr,,P,,${20 + (i % 50)},10,${i % 12},oui,`,
  );
  await stageFile(database.db, 'big', MAPPING, file(...rows, ...rows.slice(0, 10)), 10_000);
  const batches = createImportBatches(database.db.identity, PEPPER);
  const imports = createImportsStore(database.db.app);
  let writes = 0;
  const dying = createProfilesActivities({
    imports,
    eventTypes: eventTypesOf(database.db),
    batches: {
      ...batches,
      write: async (batch) => {
        writes += 1;
        if (writes === 2) throw new Error('killed');
        await batches.write(batch);
      },
    },
    heartbeat: () => {},
  });
  await expect(dying.runImport({ importId: 'big' })).rejects.toMatchObject({
    type: 'Error',
    nonRetryable: false,
  });
  expect(await imports.get('big')).toMatchObject({ state: 'running', rows: 2_000, created: 2_000 });
  const alive = createProfilesActivities({
    imports,
    batches,
    eventTypes: eventTypesOf(database.db),
    heartbeat: () => {},
  });
  const both = await Promise.allSettled([
    alive.runImport({ importId: 'big' }),
    alive.runImport({ importId: 'big' }),
  ]);
  expect(both.some((b) => b.status === 'fulfilled')).toBe(true);
  expect(await imports.get('big')).toMatchObject({
    state: 'done',
    rows: 3_510,
    created: 3_500,
    merged: 0,
    unchanged: 10,
    events: 3_500,
    consents: 3_500,
  });
  expect(await staged()).toBe(0);
});

test('a consent said by a name that every object has is one nobody knows', async () => {
  const { record, rejects } = await importFile(
    database.db,
    'one',
    MAPPING,
    file('1,anne@exemple.fr,,Anne,,,,,constructor,', '2,bob@exemple.fr,,Bob,,,,,oui,'),
  );
  expect(record).toMatchObject({ state: 'done', created: 1, rejected: 1, consents: 1 });
  expect(rejects.map((r) => [r.line, r.code])).toEqual([[2, 'consent-unknown']]);
});

test('an event of a type that must come to something does not come without it', async () => {
  await createPoliciesStore(database.db.app).put(
    'event-type',
    'purchase',
    { type: 'purchase', about: 'Bought', value: 'required', properties: {}, others: 'allowed' },
    'anne',
  );
  const rows = file(
    '1,anne@exemple.fr,,Anne,,,12.00,1,,',
    '2,bob@exemple.fr,,Bob,,,,1,,',
    '3,eve@exemple.fr,,Eve,,,,,,',
  );
  const { record, rejects } = await importFile(database.db, 'one', MAPPING, rows);
  expect(record).toMatchObject({ created: 2, rejected: 1, events: 1 });
  expect(rejects.map((r) => [r.line, r.field, r.code])).toEqual([[3, 'events.purchase', 'missing']]);
});

test('what cannot be stored ends its import instead of being tried for ever', async () => {
  await stageFile(database.db, 'one', MAPPING, file('1,anne@exemple.fr,,Anne,,,,,,'));
  const imports = createImportsStore(database.db.app);
  const { runImport } = createProfilesActivities({
    imports,
    batches: {
      ...createImportBatches(database.db.identity, PEPPER),
      write: async () => void (await database.db.app`select 1 / 0`),
    },
    eventTypes: eventTypesOf(database.db),
    heartbeat: () => {},
  });
  await expect(runImport({ importId: 'one' })).rejects.toMatchObject({
    type: 'import-unwritable',
    nonRetryable: true,
  });
  expect(await imports.get('one')).toMatchObject({
    state: 'failed',
    error: 'import-unwritable: rows of the file cannot be stored',
  });
});

test('whatever ends an import for good fails it with its reason and keeps nothing of the file', async () => {
  await stageFile(database.db, 'one', MAPPING, file('1,anne@exemple.fr,,Anne,,,,,,'));
  const imports = createImportsStore(database.db.app);
  const { runImport } = createProfilesActivities({
    imports: { ...imports, getMapping: async () => null },
    batches: createImportBatches(database.db.identity, PEPPER),
    eventTypes: eventTypesOf(database.db),
    heartbeat: () => {},
  });
  await expect(runImport({ importId: 'one' })).rejects.toMatchObject({ type: 'mapping-unknown' });
  expect(await imports.get('one')).toMatchObject({
    state: 'failed',
    error: 'mapping-unknown: no import mapping shop',
    finishedAt: expect.any(String),
  });
  expect(await staged()).toBe(0);
  await expect(runImport({ importId: 'one' })).rejects.toMatchObject({
    type: 'conflict',
    message: expect.stringContaining('mapping-unknown'),
  });
});

test('an import is abandoned before it runs, not while it does', async () => {
  const imports = createImportsStore(database.db.app);
  await stageFile(database.db, 'never', MAPPING, file());
  await stageFile(database.db, 'under-way', MAPPING, file());
  await createImportBatches(database.db.identity, PEPPER).begin('under-way');
  await imports.abandon('never', 'too-large: x');
  await imports.abandon('under-way', 'too-large: x');
  expect(await imports.get('never')).toMatchObject({ state: 'failed', error: 'too-large: x' });
  expect(await imports.get('under-way')).toMatchObject({ state: 'running', error: null });
  const left = await database.db.app<{ import_id: string }[]>`select import_id from import_chunks`;
  expect(left.map((row) => row.import_id)).toEqual(['under-way']);
});

async function staged(): Promise<number | undefined> {
  const [row] = await database.db.app<{ n: number }[]>`select count(*) as n from import_chunks`;
  return row?.n;
}

test('staging refuses what comes late', async () => {
  await stageFile(database.db, 'one', MAPPING, file());
  const imports = createImportsStore(database.db.app);
  await expect(imports.appendChunk('one', 1, Buffer.from('x'))).rejects.toMatchObject({ code: 'conflict' });
  await expect(imports.seal('one', 'other', 1)).rejects.toMatchObject({ code: 'conflict' });
  await expect(imports.appendChunk('none', 0, Buffer.from('x'))).rejects.toMatchObject({ code: 'not-found' });
  await expect(
    imports.create({ id: 'x', mapping: 'none', filename: null, createdBy: 'anne' }),
  ).rejects.toMatchObject({ code: 'mapping-unknown' });
  await expect(
    imports.putMapping('bad', { ...MAPPING, fields: [{ column: 'a', to: 'city' }] }, 'anne'),
  ).rejects.toMatchObject({ code: 'mapping-invalid' });
  expect((await imports.listMappings()).map((m) => m.key)).toEqual(['shop']);
});

test('rows of people past what memory holds go in together too: the same file again changes nothing', async () => {
  const row = (n: number, name: string): string => `${n},p${n}@exemple.fr,,${name},,30,1,1,non,`;
  const numbers = Array.from({ length: 40 }, (_, n) => n);
  const twice = file(...numbers.map((n) => row(n, 'Anne')), ...numbers.map((n) => row(n, 'Annie')));
  const first = await importFile(database.db, 'one', MAPPING, twice, 64 * 1024, 5);
  expect(first.record).toMatchObject({ rows: 80, created: 40, rejected: 0 });
  const second = await importFile(database.db, 'two', MAPPING, twice, 64 * 1024, 5);
  expect(second.record).toMatchObject({ rows: 80, created: 0, merged: 0, unchanged: 80 });
  expect(
    await database.db.identity`select first_name, count(*) as n from identity.people group by 1`,
  ).toEqual([{ first_name: 'Annie', n: 40 }]);
  expect(await database.db.identity`select from import_waiting`).toHaveLength(0);
});
