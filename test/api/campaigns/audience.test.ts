import { load } from 'cheerio';
import { freezeActivity } from '../../../activities/campaigns/freeze';
import { createAudienceStore } from '../../../store/audience-store';
import { apiUnderTest, type ApiUnderTest } from '../../support/api';
import { policy } from '../../support/gate';
import { pagesApp } from '../../support/pages-app';
import { prepareScenario } from '../../support/scenario';
import { seedConsent, seedPeople } from '../../support/seed-campaign';

const PEOPLE = 400;
let api: ApiUnderTest;
let campaignId: string;
beforeAll(async () => {
  api = await apiUnderTest();
  const { db } = api.database;
  const people = await seedPeople(db, PEOPLE);
  await db.app`update profiles set attributes = '{"age": 40}'`;
  await db.app`update profiles set email_fp = null where id = any(${people.slice(0, 15)}::bigint[])`;
  await seedConsent(db, people.slice(40), 'promotion');
  const holdout = { share: 0.2, start: '2020-01-01', period: 'year' };
  await api.call('PUT', '/v1/policies/holdout/all', { as: 'admin', body: holdout });
  await policy(db, 'cap', 'none', { nature: 'promotion', limit: 0, windowDays: 7, department: 'other' });
  await policy(db, 'cap', 'nobody', { nature: 'promotion', limit: 0, windowDays: 7 });
  const scenario = await prepareScenario(api);
  campaignId = (await api.call('POST', '/v1/campaigns', { body: { scenario } })).json().id;
  const { freezeAudience } = freezeActivity(createAudienceStore(db));
  await freezeAudience({ campaignId });
});
afterAll(() => api.close());

interface Step {
  readonly step: string;
  readonly people: number;
  readonly left: number;
}

test('the waterfall adds up to the segment, and the forecast of caps stands beside it', async () => {
  const { audience } = (await api.call('GET', `/v1/campaigns/${campaignId}`)).json();
  const steps: Step[] = audience.waterfall;
  expect(steps[0]).toEqual({ step: 'segment', people: PEOPLE, left: PEOPLE });
  const of = (name: string): number => steps.find(({ step }) => step === name)?.people ?? -1;
  expect([of('unreachable'), of('no-consent')]).toEqual([15, 25]);
  expect(of('holdout')).toBeGreaterThan(30);
  expect(of('audience')).toBe(audience.members);
  expect(steps.slice(1).reduce((sum, { people }) => sum + people, 0)).toBe(PEOPLE);
  expect(audience.forecast).toMatchObject({
    looked: audience.members,
    allowed: 0,
    held: { 'cap:nobody': audience.members },
  });
  const pages = await pagesApp(api.database.db.app);
  try {
    const $ = load((await pages.inject(`/campaigns/${campaignId}`)).body);
    const rows = $('table.waterfall tbody tr')
      .map((_, row) => $(row).find('th, td.num').slice(0, 2).text())
      .get();
    expect(rows).toEqual(expect.arrayContaining(['unreachable−15', 'no-consent−25']));
    expect($('caption').text()).toContain(`Forecast at the freeze, for ${audience.members} of them`);
    expect($('th').text()).toContain('cap:nobody');
  } finally {
    await pages.close();
  }
});

test('the frozen audience is made again; who has changed shows', async () => {
  const remade = async () =>
    (await api.call('GET', `/v1/campaigns/${campaignId}/audience/remade`, { as: 'approver' })).json();
  const { audience } = (await api.call('GET', `/v1/campaigns/${campaignId}`)).json();
  expect(await remade()).toMatchObject({ same: audience.members, moved: 0, gone: 0, come: 0 });
  await api.call('DELETE', '/v1/policies/holdout/all', { as: 'admin' });
  await api.database.db.app`
    update profiles set email_fp = null where id in (
      select profile_id from audience_members where campaign_id = ${campaignId} order by profile_id limit 3)`;
  expect(await remade()).toMatchObject({ same: audience.members - 3, moved: 0, gone: 3, come: 0 });
  expect((await api.call('GET', '/v1/campaigns/cnone/audience/remade')).statusCode).toBe(404);
});

test('one person is explained with the clauses of the frozen rules', async () => {
  const [member] = await api.database.db.app<{ id: number }[]>`
    select max(profile_id) as id from audience_members where campaign_id = ${campaignId}`;
  const path = `/v1/campaigns/${campaignId}/explain/${member?.id}`;
  const why = (await api.call('GET', path)).json();
  expect(why.rules[0]).toMatchObject({ kind: 'segment', holds: true, why: { saw: 40 } });
  expect(why.holdouts[0]).toMatchObject({ key: 'all', held: false });
  expect(why.member).toMatchObject({ persona: 'adultes' });
  expect((await api.call('GET', path, { as: 'viewer' })).statusCode).toBe(403);
});
