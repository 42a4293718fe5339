import type { MappingInput } from '../../../domain/profiles/mapping';
import { createDevicesStore } from '../../../store/devices-store';
import { createProfilesStore } from '../../../store/profiles-store';
import { databaseForEach } from '../../support/database';
import { importFile, MAPPING as SHOP, PEPPER } from '../../support/imports';
import { seedPeople } from '../../support/seed-campaign';

const database = databaseForEach(4);

describe('the postal address', () => {
  const MAPPING = {
    ...SHOP,
    fields: [
      { column: 'id', to: 'customerKey' },
      { column: 'rue', to: 'address1' },
      { column: 'compl', to: 'address2' },
      { column: 'cp', to: 'postcode' },
      { column: 'ville', to: 'city' },
      { column: 'pays', to: 'country' },
    ],
    events: [],
    consents: [],
  } satisfies MappingInput;
  const importRows = (id: string, ...rows: string[]) =>
    importFile(database.db, id, MAPPING, ['id,rue,compl,cp,ville,pays', ...rows].join('\n'));
  const people = async () => {
    const rows = await database.db.identity<Record<string, string | null>[]>`
      select i.customer_key, i.address_1, i.address_2, i.postcode, i.city, i.country, encode(p.postal_fp, 'hex') as fp
      from identity.people i join profiles p on p.id = i.profile_id order by i.customer_key`;
    return new Map(rows.map((row) => [row['customer_key'], row]));
  };

  test('is imported into identity alone; only its fingerprint, of what would arrive, is known outside', async () => {
    const { record, rejects } = await importRows(
      '1',
      'a,18 rue des Ateliers,3e étage,69001,Lyon,France',
      'b,"18, RUE DES ATELIERS",3E ETAGE,69001,LYON,',
      'c,,,69001,Lyon,FR',
      'd,Rue Neuve 1,,1000,Bruxelles,Belgique',
      'e,1 rue de la Paix,,75002,Paris,Gondor',
    );
    expect([record.created, rejects.map((r) => [r.field, r.code])]).toEqual([
      4,
      [['country', 'country-unknown']],
    ]);
    const known = await people();
    expect(known.get('a')).toMatchObject({
      address_1: '18 rue des Ateliers',
      address_2: '3e étage',
      postcode: '69001',
      city: 'Lyon',
      country: 'FR',
    });
    expect(known.get('d')).toMatchObject({ postcode: '1000', country: 'BE' });
    expect(known.get('a')?.['fp']).toMatch(/^[0-9a-f]{64}$/);
    expect(known.get('b')?.['fp']).toBe(known.get('a')?.['fp']);
    expect(known.get('d')?.['fp']).not.toBe(known.get('a')?.['fp']);
    expect(known.get('c')?.['fp']).toBeNull();
  });

  test('follows a move: no letter goes to the old street in the new town, and one is reachable again once a street is known', async () => {
    await importRows('1', 'a,18 rue des Ateliers,3e étage,69001,Lyon,');
    const before = (await people()).get('a')?.['fp'];
    await importRows('2', 'a,,,75011,Paris,');
    expect((await people()).get('a')).toMatchObject({
      address_1: null,
      address_2: null,
      city: 'Paris',
      fp: null,
    });
    await importRows('3', 'a,5 rue Oberkampf,,,,');
    const after = (await people()).get('a');
    expect(after).toMatchObject({ address_1: '5 rue Oberkampf', address_2: null, city: 'Paris' });
    expect(after?.['fp']).not.toBe(before);
    const profiles = createProfilesStore(database.db, PEPPER);
    expect((await profiles.list({ limit: 9 }))[0]?.reachable).toEqual({
      email: false,
      phone: false,
      post: true,
    });
    expect((await importRows('4', 'a,5 rue Oberkampf,,75011,Paris,FR')).record).toMatchObject({
      unchanged: 1,
    });
  });
});

describe('devices', () => {
  const TOKEN = 'a-token-of-some-length';
  const rows = async () => ({
    devices: [
      ...(await database.db
        .app`select profile_id, platform, locale, revoked_at is not null as revoked from devices`),
    ],
    tokens: (await database.db.identity<{ token: string }[]>`select token from identity.device_tokens`).map(
      (r) => r.token,
    ),
  });

  test('a token is one device of one person: registered again it is the same, elsewhere it moves', async () => {
    const devices = createDevicesStore(database.db, PEPPER);
    const [anne = 0, bob = 0] = await seedPeople(database.db, 2);
    const id = await devices.register({ profileId: anne, token: TOKEN, platform: 'ios', locale: 'fr' });
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(await devices.register({ profileId: anne, token: TOKEN, platform: 'ios', locale: null })).toBe(id);
    expect(await rows()).toEqual({
      devices: [{ profile_id: anne, platform: 'ios', locale: 'fr', revoked: false }],
      tokens: [TOKEN],
    });
    expect(await devices.register({ profileId: bob, token: TOKEN, platform: 'web', locale: null })).toBe(id);
    expect((await rows()).devices).toMatchObject([{ profile_id: bob, platform: 'web' }]);
    expect(
      await devices.register({ profileId: 987_654, token: TOKEN, platform: 'ios', locale: null }),
    ).toBeNull();
    expect((await rows()).devices).toMatchObject([{ profile_id: bob }]);
  });

  test('a revoked one keeps no token and is there again when it registers; a removed one is gone', async () => {
    const devices = createDevicesStore(database.db, PEPPER);
    const [anne = 0] = await seedPeople(database.db, 1);
    const id =
      (await devices.register({ profileId: anne, token: TOKEN, platform: 'ios', locale: null })) ?? '';
    await devices.revoke([TOKEN, 'never seen']);
    expect(await rows()).toMatchObject({ devices: [{ revoked: true }], tokens: [] });
    expect(await devices.register({ profileId: anne, token: TOKEN, platform: 'ios', locale: null })).toBe(id);
    expect(await rows()).toMatchObject({ devices: [{ revoked: false }], tokens: [TOKEN] });
    expect(await devices.remove(id)).toBe(true);
    expect(await devices.remove(id)).toBe(false);
    expect(await rows()).toEqual({ devices: [], tokens: [] });
  });
});
