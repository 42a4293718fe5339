import { apiUnderTest, type ApiUnderTest } from '../../support/api';
import { seedCampaign, type SeededCampaign } from '../../support/seed-campaign';

let api: ApiUnderTest;
let seeded: SeededCampaign;
let creativeId: number;
beforeAll(async () => {
  api = await apiUnderTest();
  seeded = await seedCampaign(api.database.db, {
    campaignId: 'cproofs00001',
    people: 1,
    arms: [{ key: 'a' }, { key: 'b' }],
  });
  creativeId = seeded.creatives[0]?.creativeId ?? 0;
});
afterAll(() => api.close());
afterEach(async () => {
  await api.database.db.app`delete from proofs`;
});

const STAFF = {
  name: 'Équipe CRM',
  addresses: [
    { address: ' Lea@Maison-Lumen.example ' },
    { channel: 'email', address: 'max@maison-lumen.example' },
    { channel: 'sms', address: '06 12 34 56 78' },
    { channel: 'letter', address: 'Léa Roux\n18 rue des Ateliers\n69000 Lyon\nFR' },
  ],
};
const put = (body: object = STAFF) => api.call('PUT', '/v1/seed-lists/equipe', { body });
const path = (door: string) => `/v1/campaigns/${seeded.campaignId}/${door}`;
const waiting = () => api.database.db.identity<
  { creative_id: number; profile_id: number | null; address: string; requested_by: string }[]
>`
  select p.creative_id, p.profile_id, a.address, p.requested_by from proofs p
  join identity.proof_addresses a on a.proof_id = p.id order by p.creative_id, a.address`;

test('a list keeps each address in one spelling, and only who may send reads them', async () => {
  const stored = await put();
  expect([stored.statusCode, stored.json().counts]).toEqual([200, { email: 2, sms: 1, letter: 1 }]);
  expect(stored.body).not.toContain('@');
  const read = await api.call('GET', '/v1/seed-lists/equipe');
  expect(read.json().addresses).toEqual([
    { channel: 'email', address: 'lea@maison-lumen.example' },
    { channel: 'email', address: 'max@maison-lumen.example' },
    { channel: 'letter', address: 'Léa Roux\n18 rue des Ateliers\n69000 Lyon\nFR' },
    { channel: 'sms', address: '+33612345678' },
  ]);
  expect((await api.call('GET', '/v1/seed-lists/equipe', { as: 'viewer' })).statusCode).toBe(403);
  const listed = await api.call('GET', '/v1/seed-lists', { as: 'viewer' });
  expect(listed.json().items).toMatchObject([{ key: 'equipe', name: 'Équipe CRM' }]);
  expect(listed.body).not.toContain('@');

  const bad = await put({
    name: 'x',
    addresses: [{ address: 'lea@' }, { channel: 'letter', address: 'Lyon' }],
  });
  expect(bad.json()).toMatchObject({
    code: 'invalid-request',
    faults: [{ path: '/addresses/0/address' }, { path: '/addresses/1/address' }],
  });
});

test('a test goes to the whole list, each creative to the addresses of its channel', async () => {
  await put();
  const asked = await api.call('POST', path('test-sends'), { body: { list: 'equipe' } });
  expect(asked.statusCode).toBe(202);
  expect(asked.json().proofs).toHaveLength(4);
  expect(await waiting()).toEqual(
    seeded.creatives.flatMap((creative) =>
      ['lea@maison-lumen.example', 'max@maison-lumen.example'].map((address) => ({
        creative_id: creative.creativeId,
        profile_id: null,
        address,
        requested_by: 'editor',
      })),
    ),
  );
  const standing = await api.call('GET', path('proofs'), { as: 'viewer' });
  expect(standing.json().items).toHaveLength(4);
  expect(standing.body).not.toContain('@');
  expect((await api.call('POST', path('test-sends'), { body: { list: 'personne' } })).statusCode).toBe(404);
  expect(
    (await api.call('POST', path('test-sends'), { as: 'viewer', body: { list: 'equipe' } })).statusCode,
  ).toBe(403);

  await put({ name: 'Équipe CRM', addresses: [{ channel: 'sms', address: '06 12 34 56 78' }] });
  const nowhere = await api.call('POST', path('test-sends'), {
    body: { list: 'equipe', creatives: [creativeId] },
  });
  expect(nowhere.json()).toEqual({ proofs: [], withoutAddress: [creativeId] });
});

test('a proof has one person’s data and goes to staff alone', async () => {
  await put();
  const [profileId = 0] = seeded.profileIds;
  const proof = (change: object) =>
    api.call('POST', path('proofs'), { body: { creativeId, profileId, to: { list: 'equipe' }, ...change } });
  expect((await proof({ to: { address: 'MAX@maison-lumen.example' } })).json().proofs).toHaveLength(1);
  expect(await waiting()).toMatchObject([{ profile_id: profileId, address: 'max@maison-lumen.example' }]);

  // The person themselves is nobody's staff.
  const themselves = await proof({ to: { address: `p${profileId}@example.test` } });
  expect(themselves.json()).toMatchObject({
    code: 'invalid-request',
    faults: [{ path: '/to/address', message: 'is on no seed list' }],
  });
  const refused = await Promise.all([
    proof({ profileId: 999_999 }),
    proof({ creativeId: 999_999 }),
    proof({ to: { list: 'personne' } }),
  ]);
  expect(refused.map((answer) => answer.json().faults[0].path)).toEqual([
    '/profileId',
    '/creativeId',
    '/to/list',
  ]);
  expect(await waiting()).toHaveLength(1);
});

test('a list that is taken away takes its addresses along', async () => {
  await put();
  expect((await api.call('DELETE', '/v1/seed-lists/equipe')).statusCode).toBe(204);
  expect((await api.call('DELETE', '/v1/seed-lists/equipe')).statusCode).toBe(404);
  const left = await api.database.db.identity`select 1 from identity.seed_addresses`;
  expect(left).toHaveLength(0);
});
