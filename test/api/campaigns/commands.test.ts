import { BoucleError } from '../../../domain/shared/errors';
import type { ErrorCode } from '../../../domain/shared/error-catalogue';
import { apiUnderTest, type ApiUnderTest } from '../../support/api';
import { seedCampaign } from '../../support/seed-campaign';

let api: ApiUnderTest;
const id = 'ccommanded22';
beforeAll(async () => {
  api = await apiUnderTest();
  await seedCampaign(api.database.db, { campaignId: id, people: 6 });
});
afterEach(async () => {
  api.temporal.fault = null;
  api.temporal.commandAnswer = { stage: 'pilot', hold: 'paused', blockedOn: null, waitingForApproval: null };
  api.temporal.answer = { outcome: 'counted', state: 'approved', missing: 0 };
  await api.database.db.app`update campaigns set hold = 'run', "end" = null where id = ${id}`;
});
afterAll(() => api.close());

const holdOf = async () =>
  (await api.database.db.app<{ hold: string }[]>`select hold from campaigns where id = ${id}`)[0]?.hold;
const fault = (code: ErrorCode) => new BoucleError(code, 'told by the test');

describe('pause, resume, abort', () => {
  test('the workflow answers: 200 with where it stands', async () => {
    const answer = await api.call('POST', `/v1/campaigns/${id}/pause`, { body: { reason: 'on vérifie' } });
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { hold: 'paused', stage: 'pilot', words: 'Paused.' },
    ]);
    expect(api.temporal.commands.at(-1)).toMatchObject({
      workflowId: `campaign.${id}`,
      kind: 'pause',
      command: { by: 'editor', reason: 'on vérifie' },
    });
    expect(await holdOf()).toBe('paused');
  });

  test.each(['worker-unavailable', 'temporal-unavailable', 'campaign-ended'] as const)(
    'pause and abort hold already where nobody answers (%s): 202',
    async (code) => {
      api.temporal.fault = fault(code);
      const paused = await api.call('POST', `/v1/campaigns/${id}/pause`);
      expect([paused.statusCode, paused.json().hold, await holdOf()]).toEqual([202, 'paused', 'paused']);
      expect(paused.json().words).toContain('held already');
      const aborted = await api.call('POST', `/v1/campaigns/${id}/abort`);
      expect([aborted.statusCode, await holdOf()]).toEqual([202, 'aborted']);
    },
  );

  test('going on is the workflow’s to say: the database waits for it', async () => {
    await api.call('POST', `/v1/campaigns/${id}/pause`);
    api.temporal.fault = fault('temporal-unavailable');
    expect((await api.call('POST', `/v1/campaigns/${id}/resume`)).statusCode).toBe(503);
    expect(await holdOf()).toBe('paused');
    api.temporal.fault = null;
    api.temporal.commandAnswer = 'kept';
    const kept = await api.call('POST', `/v1/campaigns/${id}/resume`);
    expect([kept.statusCode, kept.json().hold]).toEqual([202, 'run']);
    expect(await holdOf()).toBe('paused');
  });

  test('an abort is final', async () => {
    await api.call('POST', `/v1/campaigns/${id}/abort`);
    for (const kind of ['pause', 'resume']) {
      expect((await api.call('POST', `/v1/campaigns/${id}/${kind}`)).json().code).toBe('conflict');
    }
    expect(await holdOf()).toBe('aborted');
  });

  test('what crosses another command says how it stands now; one that crosses an abort is a conflict', async () => {
    const { commandAnswer } = api.temporal;
    const state = { stage: 'pilot', blockedOn: null, waitingForApproval: null } as const;
    const pause = () => api.call('POST', `/v1/campaigns/${id}/pause`);
    api.temporal.commandAnswer = { ...state, hold: 'run' };
    const crossed = await pause();
    expect([crossed.statusCode, crossed.json()]).toMatchObject([200, { hold: 'run' }]);
    expect(crossed.json().words).not.toBe('Paused.');
    api.temporal.commandAnswer = { ...state, hold: 'aborted' };
    expect((await pause()).json().code).toBe('conflict');
    api.temporal.commandAnswer = commandAnswer;
  });

  test('a campaign that has ended, one that is not there, somebody who may not', async () => {
    expect((await api.call('POST', '/v1/campaigns/cnothing/pause')).statusCode).toBe(404);
    expect((await api.call('POST', `/v1/campaigns/${id}/pause`, { as: 'viewer' })).statusCode).toBe(403);
    await api.database.db.app`update campaigns set "end" = 'completed' where id = ${id}`;
    expect((await api.call('POST', `/v1/campaigns/${id}/pause`)).json()).toMatchObject({
      status: 409,
      code: 'campaign-ended',
    });
    expect(await holdOf()).toBe('run');
  });

  test('the same Idempotency-Key is the same command', async () => {
    const call = (key: string) =>
      api.call('POST', `/v1/campaigns/${id}/pause`, { headers: { 'idempotency-key': key } });
    const before = api.temporal.commands.length;
    await call('p1');
    await call('p1');
    await call('p2');
    const ids = api.temporal.commands.slice(before).map((sent) => sent.command.commandId);
    expect(new Set(ids).size).toBe(2);
    expect(ids).toHaveLength(2);
  });
});

describe('decisions', () => {
  const body = { decision: 'approve', subjectHash: 'hash-of-what-was-shown' };
  const decide = (more: object = {}) =>
    api.call('POST', `/v1/campaigns/${id}/decisions`, { as: 'approver', body, ...more });

  test('are carried to the workflow under the name of who decides', async () => {
    const answer = await decide({ body: { ...body, decision: 'reject', reason: 'le visuel' } });
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { outcome: 'counted', state: 'approved', missing: 0 },
    ]);
    expect(api.temporal.decisions.at(-1)).toMatchObject({
      workflowId: `campaign.${id}`,
      decision: {
        decision: 'reject',
        by: 'approver',
        via: 'rest',
        subjectHash: 'hash-of-what-was-shown',
        reason: 'le visuel',
      },
    });
  });

  test.each(['approval-not-waiting', 'approval-stale', 'approval-four-eyes', 'approval-decided'] as const)(
    'refused: %s',
    async (refusal) => {
      api.temporal.answer = { outcome: 'refused', refusal, words: 'said by the workflow' };
      expect((await decide()).json()).toMatchObject({ code: refusal, detail: 'said by the workflow' });
    },
  );

  test('kept where no worker takes it now', async () => {
    api.temporal.answer = 'kept';
    const answer = await decide();
    expect([answer.statusCode, answer.json()]).toMatchObject([202, { outcome: 'kept' }]);
  });

  test('the decision’s id comes from the key, the person and the campaign', async () => {
    const headers = { 'idempotency-key': 'd1' };
    api.temporal.fault = fault('worker-unavailable');
    expect((await decide({ headers })).statusCode).toBe(503);
    api.temporal.fault = null;
    await decide({ headers });
    const first = api.temporal.decisions.at(-1)?.decision.decisionId;
    await decide({ headers, as: 'admin' });
    const other = api.temporal.decisions.at(-1)?.decision;
    expect(other?.by).toBe('admin');
    expect(other?.decisionId).not.toBe(first);
    await decide();
    expect(api.temporal.decisions.at(-1)?.decision.decisionId).not.toBe(first);
  });

  test('are listed, those that changed nothing too', async () => {
    const { app } = api.database.db;
    await app`insert into approvals (id, campaign_id, subject_hash, deadline_at) values ('a1', ${id}, 'h', now())`;
    await app`
      insert into decisions (id, approval_id, decision, by, via, subject_hash, outcome)
      values ('d-1', 'a1', 'approve', 'claire', 'slack', 'h', 'counted'), ('d-2', 'a1', 'approve', 'claire', 'rest', 'h', 'approval-decided')`;
    const { items } = (await api.call('GET', `/v1/campaigns/${id}/decisions`, { as: 'viewer' })).json();
    expect(items.map((d: { outcome: string }) => d.outcome)).toEqual(['counted', 'approval-decided']);
    expect((await api.call('GET', `/v1/campaigns/${id}`)).json().approval).toMatchObject({
      id: 'a1',
      subjectHash: 'h',
    });
    expect((await api.call('GET', '/v1/campaigns/cnothing/decisions')).statusCode).toBe(404);
  });
});
