import { targetingPolicy } from '../../../config/policies/targeting';
import { createCampaignStarter } from '../../../adapters/temporal/start-campaign';
import { temporalSpec } from '../../../adapters/temporal/schedule-spec';
import { BoucleError } from '../../../domain/shared/errors';
import { createCampaignsCreateStore } from '../../../store/campaigns-create-store';
import { apiUnderTest, type ApiUnderTest } from '../../support/api';
import { plainScenario, prepareScenario, putLiveSegment, putMatrixByApi } from '../../support/scenario';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await apiUnderTest();
  await prepareScenario(api);
});
afterEach(() => {
  api.temporal.fault = null;
});
afterAll(() => api.close());

const rows = async (): Promise<number> => {
  const [row] = await api.database.db.app<{ n: number }[]>`select count(*) as n from campaigns`;
  return row?.n ?? 0;
};
const away = new BoucleError('temporal-unavailable', 'Temporal does not answer.');

describe('a start now', () => {
  test('answers 202 with the id and where to look, once Temporal has taken it', async () => {
    const answer = await api.call('POST', '/v1/campaigns', { body: { scenario: 'automne' } });
    expect(answer.statusCode).toBe(202);
    const { id, ...rest } = answer.json<{ id: string }>();
    expect(id).toMatch(/^c[a-z2-7]{11}$/);
    expect(rest).toEqual({
      workflowId: `campaign.${id}`,
      runId: `run-of-${id}`,
      temporalUrl: `http://temporal.test/namespaces/default/workflows/campaign.${id}/run-of-${id}`,
      statusUrl: `http://boucle.test/v1/campaigns/${id}`,
      pageUrl: `http://boucle.test/campaigns/${id}`,
    });
    expect(api.temporal.started.at(-1)).toMatchObject({
      campaignId: id,
      scenarioKey: 'automne',
      scenarioVersion: 1,
      market: 'FR',
      department: 'crm',
    });
    const [row] = await api.database.db.app`select * from campaigns where id = ${id}`;
    expect(row).toMatchObject({
      matrix_version: 1,
      segment_version: 1,
      run_id: `run-of-${id}`,
      created_by: 'editor',
      scenario: { key: 'automne' },
    });
    expect(row?.['seed']).toMatch(/^[0-9a-f]{32}$/);
    const [audited] = await api.database.db.app`select target from audit_log order by id desc limit 1`;
    expect(audited?.['target']).toBe(id);

    const shown = (await api.call('GET', `/v1/campaigns/${id}`, { as: 'viewer' })).json();
    expect(shown).toMatchObject({
      id,
      name: 'Sélection d’automne',
      stage: 'define',
      hold: 'run',
      end: null,
      stages: [],
      waves: [],
      approval: null,
      incidents: 0,
    });
    expect(shown.temporalUrl).toContain('run-of-');
  });

  test('leaves nothing behind where Temporal is away', async () => {
    const before = await rows();
    api.temporal.fault = away;
    const answer = await api.call('POST', '/v1/campaigns', { body: { scenario: 'automne' } });
    expect([answer.statusCode, answer.json().code]).toEqual([503, 'temporal-unavailable']);
    expect(await rows()).toBe(before);
  });

  test('the same Idempotency-Key starts one campaign', async () => {
    const before = api.temporal.started.length;
    const call = () =>
      api.call('POST', '/v1/campaigns', {
        body: { scenario: 'automne' },
        headers: { 'idempotency-key': 'start-once' },
      });
    expect((await call()).body).toBe((await call()).body);
    expect(api.temporal.started.length).toBe(before + 1);
  });

  test.each<[string, object, string]>([
    ['a scenario nobody knows', { scenario: 'none' }, 'not-found'],
    ['a version nobody knows', { scenario: 'automne', version: 99 }, 'not-found'],
    ['a word that is no start', { scenario: 'automne', start: 'later' }, 'invalid-request'],
    [
      'an instant of the past',
      { scenario: 'automne', start: { at: '2020-01-01T00:00:00Z' } },
      'schedule-in-past',
    ],
    ['a cron line of three fields', { scenario: 'automne', start: { cron: '0 9 *' } }, 'invalid-request'],
    [
      'a time zone nobody lives in',
      { scenario: 'automne', start: { cron: '0 9 * * 1', timezone: 'Europe/Boucle' } },
      'invalid-request',
    ],
    [
      'a version and a date',
      { scenario: 'automne', version: 1, start: { at: '2099-01-01T00:00:00Z' } },
      'invalid-request',
    ],
  ])('%s', async (_name, body, code) => {
    expect((await api.call('POST', '/v1/campaigns', { body })).json().code).toBe(code);
  });

  test('takes the latest validated version, never a draft', async () => {
    await api.call('PUT', '/v1/scenarios/automne', { body: plainScenario({ name: 'Brouillon' }) });
    const answer = await api.call('POST', '/v1/campaigns', { body: { scenario: 'automne' } });
    expect(answer.statusCode).toBe(202);
    expect(api.temporal.started.at(-1)?.scenarioVersion).toBe(1);
    const draft = await api.call('POST', '/v1/campaigns', { body: { scenario: 'automne', version: 2 } });
    expect(draft.json()).toMatchObject({ status: 409, code: 'scenario-not-validated' });
    await api.call('POST', '/v1/scenarios', { body: plainScenario({ key: 'brouillon' }) });
    expect((await api.call('POST', '/v1/campaigns', { body: { scenario: 'brouillon' } })).json().code).toBe(
      'scenario-not-validated',
    );
  });

  test('a scenario whose persona has left the matrix since is refused with where', async () => {
    await putLiveSegment(api, 'autres', { everyone: true });
    const csv =
      'segment_id,value_tier,behavior_cluster,state,key_message,visual_guideline,offer_code\nautres,a,b,c,d,e,f\n';
    await putMatrixByApi(api, csv);
    const answer = await api.call('POST', '/v1/campaigns', { body: { scenario: 'automne' } });
    expect(answer.json()).toMatchObject({
      code: 'scenario-invalid',
      faults: [{ path: '/audience/personas/0' }],
    });
    await prepareScenario(api, { key: 'retour' });
  });
});

describe('a firing of a schedule', () => {
  const starter = (startRun: () => Promise<string>) =>
    createCampaignStarter({
      rows: createCampaignsCreateStore(api.database.db.app, {
        topics: new Set(),
        targeting: targetingPolicy(),
        brands: new Set(['maison-lumen']),
        workflowIdOf: (id) => `campaign.${id}`,
      }),
      startRun,
    });
  const request = { scenario: 'automne', by: 'editor', once: 'scheduled-campaign.s1-2026-11-22T10:00:00Z' };

  test('makes one campaign however often it is tried', async () => {
    const before = await rows();
    await expect(starter(() => Promise.reject(away)).start(request)).rejects.toThrow();
    expect(await rows()).toBe(before);
    const first = await starter(async () => 'run-1').start(request);
    const second = await starter(async () => 'run-1').start(request);
    expect(second.campaignId).toBe(first.campaignId);
    // A later failure takes nothing back that runs already.
    await expect(starter(() => Promise.reject(away)).start(request)).rejects.toThrow();
    expect(await rows()).toBe(before + 1);
  });

  test('a lost run is started again from its row', async () => {
    const { campaignId } = await starter(async () => 'run-1').start(request);
    expect(await starter(async () => 'run-2').startAgain(campaignId)).toEqual({
      campaignId,
      workflowId: `campaign.${campaignId}`,
      runId: 'run-2',
    });
    await expect(starter(async () => 'run').startAgain('cnothing')).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});

describe('schedules', () => {
  const start = { at: '2099-03-01T09:00:00+01:00' };

  test('a start at a date is scheduled, moved and cancelled', async () => {
    const made = await api.call('POST', '/v1/campaigns', { body: { scenario: 'automne', start } });
    expect([made.statusCode, made.json()]).toMatchObject([
      202,
      { scenario: 'automne', kind: 'at', spec: '2099-03-01T08:00:00.000Z', timezone: 'UTC', state: 'active' },
    ]);
    expect(made.json().nextAt).toBe('2099-03-01T08:00:00.000Z');
    const { id, scheduleId } = made.json<{ id: string; scheduleId: string }>();
    expect(api.temporal.schedules.get(scheduleId)).toMatchObject({ id });

    const monday = new Date('2099-03-02T05:00:00.000Z');
    api.temporal.firingTimes.set(scheduleId, [monday]);
    const moved = await api.call('PATCH', `/v1/campaigns/schedules/${id}`, {
      body: { cron: '0 9 * * 1', timezone: 'Indian/Reunion' },
    });
    expect(moved.json().nextAt).toBe(monday.toISOString());
    expect(moved.json()).toMatchObject({ kind: 'cron', spec: '0 9 * * 1', timezone: 'Indian/Reunion' });
    expect(api.temporal.schedules.get(scheduleId)).toMatchObject({ kind: 'cron' });
    expect((await api.call('GET', `/v1/campaigns/schedules/${id}`)).json()).toEqual(moved.json());
    expect(
      (await api.call('GET', '/v1/campaigns/schedules?state=active'))
        .json()
        .items.map((s: { id: string }) => s.id),
    ).toContain(id);

    const cancelled = await api.call('DELETE', `/v1/campaigns/schedules/${id}`);
    expect([cancelled.statusCode, cancelled.json().state, api.temporal.schedules.has(scheduleId)]).toEqual([
      200,
      'cancelled',
      false,
    ]);
    expect(cancelled.json().nextAt).toBeNull();
    expect((await api.call('DELETE', `/v1/campaigns/schedules/${id}`)).json().state).toBe('cancelled');
    expect((await api.call('PATCH', `/v1/campaigns/schedules/${id}`, { body: start })).json().code).toBe(
      'conflict',
    );
  });

  test('with Temporal away none is kept, moved or cancelled', async () => {
    const made = (await api.call('POST', '/v1/campaigns', { body: { scenario: 'automne', start } })).json<{
      id: string;
    }>();
    const before = (await api.call('GET', '/v1/campaigns/schedules')).json();
    api.temporal.fault = away;
    const answers = await Promise.all([
      api.call('POST', '/v1/campaigns', { body: { scenario: 'automne', start } }),
      api.call('PATCH', `/v1/campaigns/schedules/${made.id}`, { body: { cron: '0 9 * * 1' } }),
      api.call('DELETE', `/v1/campaigns/schedules/${made.id}`),
    ]);
    expect(answers.map((answer) => answer.statusCode)).toEqual([503, 503, 503]);
    api.temporal.fault = null;
    expect((await api.call('GET', '/v1/campaigns/schedules')).json()).toEqual(before);
  });

  test('one that never comes is refused at its place and not kept', async () => {
    const before = (await api.call('GET', '/v1/campaigns/schedules')).json();
    api.temporal.fault = new BoucleError('invalid-request', 'never', [
      { path: '/cron', message: 'never comes' },
    ]);
    const body = { scenario: 'automne', start: { cron: '0 0 31 2 *' } };
    const answer = await api.call('POST', '/v1/campaigns', { body });
    api.temporal.fault = null;
    expect([answer.statusCode, answer.json().faults]).toEqual([
      400,
      [{ path: '/start/cron', message: 'never comes' }],
    ]);
    expect((await api.call('GET', '/v1/campaigns/schedules')).json()).toEqual(before);
  });

  test('of nobody’s scenario', async () => {
    expect((await api.call('POST', '/v1/campaigns', { body: { scenario: 'none', start } })).json().code).toBe(
      'not-found',
    );
    expect((await api.call('GET', '/v1/campaigns/schedules/none')).statusCode).toBe(404);
    expect((await api.call('DELETE', '/v1/campaigns/schedules/none')).statusCode).toBe(404);
  });

  test('an instant and a cron line as Temporal takes them', () => {
    expect(temporalSpec({ kind: 'at', spec: '2099-03-01T08:05:06.789Z', timezone: 'UTC' })).toEqual({
      calendars: [{ year: 2099, month: 'MARCH', dayOfMonth: 1, hour: 8, minute: 5, second: 6 }],
      timezone: 'UTC',
    });
    expect(temporalSpec({ kind: 'cron', spec: '0 9 * * 1', timezone: 'Europe/Paris' })).toEqual({
      cronExpressions: ['0 9 * * 1'],
      timezone: 'Europe/Paris',
    });
  });
});

describe('the list', () => {
  test('by pages, newest first, none twice and none left out', async () => {
    const all = (await api.call('GET', '/v1/campaigns')).json().items.map((c: { id: string }) => c.id);
    expect(all.length).toBeGreaterThan(3);
    const seen: string[] = [];
    for (let next: string | null = ''; next !== null;) {
      const page: { items: { id: string }[]; next: string | null } = (
        await api.call('GET', '/v1/campaigns', {
          query: { limit: '2', ...(next === '' ? {} : { after: next }) },
        })
      ).json();
      seen.push(...page.items.map((c) => c.id));
      next = page.next;
    }
    expect(seen).toEqual(all);
  });

  test('by scenario and by whether they have ended', async () => {
    const none = await api.call('GET', '/v1/campaigns?scenario=none');
    const ended = await api.call('GET', '/v1/campaigns?state=ended');
    expect([none.json().items, ended.json().items]).toEqual([[], []]);
    expect(
      (await api.call('GET', '/v1/campaigns?state=open&scenario=automne')).json().items.length,
    ).toBeGreaterThan(0);
  });

  test('a campaign that is not there', async () => {
    expect((await api.call('GET', '/v1/campaigns/cnothing')).statusCode).toBe(404);
  });
});
