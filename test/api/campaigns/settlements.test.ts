import { addsUp } from '../../../domain/delivery/arithmetic';
import { createDeliveryStore } from '../../../store/delivery-store';
import { apiUnderTest, type ApiUnderTest } from '../../support/api';
import { seedCampaign } from '../../support/seed-campaign';
import { contactsOutOfStep } from '../../support/wave';

let api: ApiUnderTest;
const campaignId = 'csettle22222';
let ids: readonly number[];

/** Six people nobody knows of, five for two hours, each with a contact and a cost held in the budget. */
beforeEach(async () => {
  api = await apiUnderTest();
  const { profileIds } = await seedCampaign(api.database.db, { campaignId, people: 6 });
  const { app } = api.database.db;
  await app`
    insert into waves (campaign_id, step, wave, part, planned) values (${campaignId}, 'first', 'w1', 'test', 4), (${campaignId}, 'first', 'w2', 'test', 2)`;
  const rows = await app<{ id: number }[]>`
    insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, state, reason, settled_at, cost_micros)
    select ${campaignId}, 'first', p, case when n <= 4 then 'w1' else 'w2' end, 'a', 'habitues', 'email', 'uncertain', 'no-answer',
      now() - case when n = 1 then interval '1 minute' else interval '2 hours' end, 400
    from unnest(${[...profileIds]}::bigint[]) with ordinality as t (p, n) returning id`;
  ids = rows.map((row) => row.id);
  await app`
    insert into contacts (profile_id, at, nature, channel, department, campaign_id, step)
    select p, now(), 'promotion', 'email', 'crm', ${campaignId}, 'first' from unnest(${[...profileIds]}::bigint[]) p`;
  await app`insert into campaign_budgets (campaign_id, limit_micros, spent_micros) values (${campaignId}, 10000, 2400)`;
});
afterEach(() => api.close());

const spent = async (): Promise<number> => {
  const [row] = await api.database.db.app<
    { spent_micros: number }[]
  >`select spent_micros from campaign_budgets`;
  return row?.spent_micros ?? -1;
};
const counts = (wave: string) =>
  createDeliveryStore(api.database.db).waveCounts({ campaignId, step: 'first', wave });

test('one: accepted keeps its contact and its cost, failed gives both back; nothing is settled twice', async () => {
  const settle = (nth: number, body: object) =>
    api.call('POST', `/v1/deliveries/${ids[nth] ?? 0}/settlement`, { body, as: 'approver' });
  const accepted = await settle(0, { outcome: 'accepted', evidence: 'TICKET-12' });
  expect([accepted.statusCode, accepted.json()]).toEqual([200, { deliveryId: ids[0], state: 'accepted' }]);
  expect(await spent()).toBe(2_400);
  expect((await settle(1, { outcome: 'failed', evidence: '550' })).statusCode).toBe(200);
  expect(await spent()).toBe(2_000);
  expect((await settle(0, { outcome: 'failed' })).json().code).toBe('conflict');
  expect((await settle(2, { outcome: 'failed', evidence: 'p1@example.test' })).statusCode).toBe(400);

  expect(await counts('w1')).toMatchObject({ planned: 4, accepted: 1, failed: 1, uncertain: 2, open: 0 });
  expect(addsUp(await counts('w1'))).toBe(true);
  expect(await contactsOutOfStep(api.database.db, campaignId)).toBe(0);
  const rows = await api.database.db
    .app`select state, code, reason from deliveries where state <> 'uncertain' order by state`;
  expect(rows.map((row) => row['code'])).toEqual([null, '550']);
  expect(rows.every((row) => String(row['reason']).startsWith('settled:'))).toBe(true);
  const audited = await api.database.db
    .app`select target, status from audit_log where action = 'POST /v1/deliveries/:id/settlement' order by at`;
  expect(audited.map((row) => row['status'])).toEqual([200, 200, 409, 400]);
});

test('many: of a wave, or of all, and none that is still young', async () => {
  const settle = (body: object) =>
    api.call('POST', `/v1/campaigns/${campaignId}/settlements`, { body, as: 'approver' });
  expect((await settle({ outcome: 'failed', wave: 'w2' })).json()).toEqual({ settled: 2 });
  expect((await settle({ outcome: 'accepted' })).json()).toEqual({ settled: 3 });
  expect(await counts('w1')).toMatchObject({ accepted: 3, uncertain: 1 });
  expect((await settle({ outcome: 'accepted', olderThanSeconds: 0 })).json()).toEqual({ settled: 1 });
  expect(await counts('w1')).toMatchObject({ accepted: 4, uncertain: 0, open: 0 });
  expect(await spent()).toBe(1_600);
  expect(await contactsOutOfStep(api.database.db, campaignId)).toBe(0);
  expect(
    (
      await api.call('POST', '/v1/campaigns/cnobody/settlements', {
        body: { outcome: 'failed' },
        as: 'approver',
      })
    ).statusCode,
  ).toBe(404);
});

test('only who may approve', async () => {
  const { statusCode } = await api.call('POST', `/v1/campaigns/${campaignId}/settlements`, {
    body: { outcome: 'failed' },
    as: 'editor',
  });
  expect(statusCode).toBe(403);
});
