import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createLazyClient } from '../../../adapters/temporal/lazy-client';
import type { Orchestrator } from '../../../api/orchestrator';
import { createTemporalOrchestrator } from '../../../api/temporal-orchestrator';
import type { CampaignStart } from '../../../domain/campaigns/starting';
import type { CampaignSchedule } from '../../../store/campaign-schedules-store';
import { localEnv, workflowBundle } from '../../support/temporal';

let env: TestWorkflowEnvironment;
let temporal: Orchestrator;
beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  env = await localEnv();
  // Nobody serves the campaigns' queue here: what a worker would answer in ten seconds, nobody does in one.
  temporal = createTemporalOrchestrator(async () => env.client, 1_000);
}, 120_000);
afterAll(() => env?.teardown());

const campaign = (campaignId: string): CampaignStart => ({
  campaignId,
  workflowId: `campaign.${campaignId}`,
  scenarioKey: 'automne',
  scenarioVersion: 3,
  title: 'Sélection d’automne',
  objective: 'Faire connaître',
  market: 'FR',
  department: 'crm',
});
const decision = {
  decisionId: 'd1',
  decision: 'approve',
  by: 'claire',
  via: 'rest',
  subjectHash: 'h',
} as const;
const command = { commandId: 'c1', by: 'paul' };

describe('a campaign', () => {
  test('is started once, found by its search attributes, described for people', async () => {
    const runId = await temporal.startRun(campaign('cone'));
    expect(await temporal.startRun(campaign('cone'))).toBe(runId);
    const described = await env.client.workflow.getHandle('campaign.cone').describe();
    expect(described.runId).toBe(runId);
    expect(described.taskQueue).toBe('campaigns');
    expect(described.searchAttributes).toMatchObject({
      CampaignId: ['cone'],
      Scenario: ['automne'],
      Stage: ['define'],
      Market: ['FR'],
      Department: ['crm'],
    });
    expect(await described.staticSummary()).toBe('Sélection d’automne (automne v3)');
  });

  test('with no worker up a decision and a command are kept', async () => {
    await temporal.startRun(campaign('ctwo'));
    expect(await temporal.decide('campaign.ctwo', decision)).toBe('kept');
    expect(await temporal.command('campaign.ctwo', 'pause', command)).toBe('kept');
    const history = await env.client.workflow.getHandle('campaign.ctwo').fetchHistory();
    const signals = (history.events ?? []).flatMap(
      (event) => event.workflowExecutionSignaledEventAttributes?.signalName ?? [],
    );
    expect(signals).toEqual(['decided', 'commanded']);
  });

  test('that has ended, or never was, takes nothing; one that has ended is not started anew', async () => {
    const runId = await temporal.startRun(campaign('cthree'));
    await env.client.workflow.getHandle('campaign.cthree').terminate();
    await expect(temporal.decide('campaign.cthree', decision)).rejects.toMatchObject({
      code: 'campaign-ended',
    });
    await expect(temporal.command('campaign.none', 'abort', command)).rejects.toMatchObject({
      code: 'campaign-ended',
    });
    expect(await temporal.startRun(campaign('cthree'))).toBe(runId);
  });
});

test('schedules are made, moved and cancelled', async () => {
  const schedule: CampaignSchedule = {
    id: 's1',
    scenario: 'automne',
    scheduleId: 'campaign-schedule.s1',
    kind: 'at',
    spec: '2099-03-01T08:00:00.000Z',
    timezone: 'UTC',
    state: 'active',
    createdBy: 'editor',
    createdAt: new Date(),
    updatedAt: new Date(),
  };
  await temporal.createSchedule(schedule);
  const handle = env.client.schedule.getHandle(schedule.scheduleId);
  const next = async () => (await handle.describe()).info.nextActionTimes.map((at) => at.toISOString());
  expect(await next()).toEqual(['2099-03-01T08:00:00.000Z']);
  expect((await handle.describe()).state.remainingActions).toBe(1);

  await temporal.moveSchedule({ ...schedule, spec: '2099-04-01T06:30:15.000Z' });
  expect(await next()).toEqual(['2099-04-01T06:30:15.000Z']);
  await temporal.moveSchedule({ ...schedule, kind: 'cron', spec: '0 9 * * 1', timezone: 'Europe/Paris' });
  const mondays = (await handle.describe()).info.nextActionTimes;
  expect(mondays.length).toBeGreaterThan(3);
  expect(mondays.every((at) => at.getUTCDay() === 1)).toBe(true);
  expect((await handle.describe()).state.remainingActions ?? 0).toBe(0);
  // Two Mondays at nine in Paris, the clocks changing between them.
  const march = (day: number): Date => new Date(Date.UTC(2031, 2, day));
  expect(await temporal.firings(schedule.scheduleId, march(24), march(32))).toEqual([
    new Date('2031-03-24T08:00:00.000Z'),
    new Date('2031-03-31T07:00:00.000Z'),
  ]);
  await expect(
    temporal.moveSchedule({ ...schedule, kind: 'cron', spec: '99 9 * * 1' }),
  ).rejects.toMatchObject({ code: 'invalid-request', faults: [{ path: '/cron' }] });
  expect(await temporal.nextFiring(schedule.scheduleId)).toEqual(mondays[0]);
  // What never comes is refused, and changes nothing.
  const never = { kind: 'cron', spec: '0 0 31 2 *', timezone: 'Europe/Paris' } as const;
  const refused = { code: 'invalid-request', faults: [{ path: '/cron', message: 'never comes' }] };
  await expect(temporal.moveSchedule({ ...schedule, ...never })).rejects.toMatchObject(refused);
  expect(await temporal.nextFiring(schedule.scheduleId)).toEqual(mondays[0]);
  const other = { ...schedule, ...never, id: 's2', scheduleId: 'campaign-schedule.s2' };
  await expect(temporal.createSchedule(other)).rejects.toMatchObject(refused);
  expect(await temporal.nextFiring(other.scheduleId)).toBeNull();

  await temporal.cancelSchedule(schedule.scheduleId);
  await temporal.cancelSchedule(schedule.scheduleId);
  expect(await temporal.firings('campaign-schedule.none', march(24), march(32))).toEqual([]);
  await expect(temporal.moveSchedule(schedule)).rejects.toMatchObject({ code: 'conflict' });
});

describe('a dry run', () => {
  const input = (dryRunId: string) => ({
    dryRunId,
    scenarioKey: 'automne',
    scenarioVersion: 1,
    by: 'editor',
  });

  test('that nobody answers in time', async () => {
    await expect(temporal.dryRun(input('d-late'), 1_500)).rejects.toMatchObject({
      code: 'worker-unavailable',
    });
  });

  test('is waited for; its fault keeps its code; an import is read', async () => {
    const report = { dryRunId: 'd-good', problems: [] };
    const imports: string[] = [];
    const connection = await NativeConnection.connect({ address: env.address });
    const worker = await Worker.create({
      connection,
      taskQueue: 'analytics',
      workflowBundle: await workflowBundle(),
      activities: {
        dryRun: async ({ dryRunId }: { dryRunId: string }) => {
          if (dryRunId === 'd-good') return report;
          throw ApplicationFailure.nonRetryable('nobody is left', 'audience-empty');
        },
        runImport: async ({ importId }: { importId: string }) => {
          imports.push(importId);
          return { rows: 1, created: 1, merged: 0, rejected: 0 };
        },
      },
    });
    await worker.runUntil(async () => {
      expect(await temporal.dryRun(input('d-good'), 30_000)).toEqual(report);
      await expect(temporal.dryRun(input('d-empty'), 30_000)).rejects.toMatchObject({
        code: 'audience-empty',
        message: 'nobody is left',
      });
      await temporal.startImport('i1');
      await env.client.workflow.getHandle('import.i1').result();
    });
    await connection.close();
    expect(imports).toEqual(['i1']);
  });
});

describe('with Temporal away', () => {
  test('every call says so, and the next one tries again', async () => {
    const nowhere = createLazyClient({
      address: '127.0.0.1:1',
      namespace: 'default',
      tls: false,
      connectTimeoutMs: 300,
    });
    const lost = createTemporalOrchestrator(() => nowhere.client(), 500);
    await expect(lost.startRun(campaign('cfour'))).rejects.toMatchObject({ code: 'temporal-unavailable' });
    await expect(lost.decide('campaign.cfour', decision)).rejects.toMatchObject({
      code: 'temporal-unavailable',
    });
    await expect(lost.command('campaign.cfour', 'pause', command)).rejects.toMatchObject({
      code: 'temporal-unavailable',
    });
    await expect(lost.ping()).rejects.toMatchObject({ code: 'temporal-unavailable' });
    await nowhere.close();

    const found = createLazyClient({ address: env.address, namespace: 'default', tls: false });
    await expect(createTemporalOrchestrator(() => found.client()).ping()).resolves.toBeUndefined();
    await found.close();
  });
});
