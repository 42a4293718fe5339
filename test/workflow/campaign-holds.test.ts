import {
  abortUpdate,
  decideUpdate,
  pauseUpdate,
  resumeUpdate,
  revisedUpdate,
} from '../../workflows/campaign/contract';
import {
  approveAndFinish,
  decision,
  openHarness,
  waiting,
  withCampaign,
  type Campaign,
  type Harness,
} from './support/campaign-harness';

let harness: Harness;
beforeAll(async () => {
  harness = await openHarness();
});
afterAll(() => harness.close());

describe('pause, resume, abort', () => {
  test('a paused wave waits and goes on where it stopped', async () => {
    let paused = true;
    const sendShard = async () => ({ stopped: paused ? ('paused' as const) : ('done' as const) });
    await withCampaign(
      harness,
      { history: 'paused-and-resumed', activities: { sendShard } },
      async (campaign) => {
        const { handle, until, result, recorded } = campaign;
        await until(waiting);
        await handle.executeUpdate(pauseUpdate, { args: [{ commandId: 'p1', by: 'ops' }] });
        await handle.executeUpdate(decideUpdate, { args: [decision()] });
        await until((s) => s.blockedOn === 'paused by a person');
        expect(recorded.of('planWave')).toEqual([]);
        await handle.executeUpdate(resumeUpdate, { args: [{ commandId: 'p2', by: 'ops' }] });
        await until((s) => s.stage === 'pilot');
        paused = false;
        await handle.executeUpdate(pauseUpdate, { args: [{ commandId: 'p3', by: 'ops' }] });
        await handle.executeUpdate(resumeUpdate, { args: [{ commandId: 'p4', by: 'ops' }] });
        expect((await result()).end).toBe('completed');
        expect(recorded.of('setHold').map((h) => h.hold)).toEqual(['paused', 'run', 'paused', 'run']);
      },
    );
  });

  test('the same command twice counts once; an abort is final', async () => {
    await withCampaign(harness, { history: 'aborted' }, async ({ handle, until, result, recorded }) => {
      await until(waiting);
      const abort = { commandId: 'a1', by: 'ops' };
      await handle.executeUpdate(abortUpdate, { args: [abort] });
      expect((await result()).end).toBe('aborted');
      expect(recorded.of('setHold')).toEqual([expect.objectContaining({ hold: 'aborted' })]);
      expect(recorded.of('planWave')).toEqual([]);
      expect(recorded.of('learn')).toMatchObject([{ end: 'aborted' }]);
    });
  });
});

test('a wave that PostgreSQL says is aborted ends the campaign, command or not', async () => {
  const sendShard = async () => ({ stopped: 'aborted' as const });
  await withCampaign(harness, { activities: { sendShard } }, async (campaign) => {
    expect((await approveAndFinish(campaign)).end).toBe('aborted');
    expect(campaign.recorded.of('closeAborted').length).toBe(1);
  });
});

test('a triggered campaign held after its period can be mended: its last messages wait for the approval', async () => {
  let hash = 'hash-1';
  let handle: Campaign['handle'] | undefined;
  const told: string[] = [];
  const over = {
    plan: { kind: 'triggered' as const, pilot: null, experiment: null, periodSeconds: 3_600 },
    activities: {
      creativesSummary: async () => ({ rendered: 1, rejected: 0, findings: 0, subjectHash: hash }),
      // No time is skipped while an activity runs: somebody acts at exactly this moment.
      messagesLeft: async () => {
        if (told.length > 0) return { left: 0 };
        told.push('held');
        hash = 'hash-2';
        await handle?.executeUpdate(pauseUpdate, { args: [{ commandId: 'hold', by: 'ops' }] });
        await handle?.executeUpdate(revisedUpdate, { args: [{ commandId: 'mend', by: 'alice' }] });
        return { left: 1 };
      },
      remindApproval: async () => {
        told.push('reminded');
        await handle?.executeUpdate(decideUpdate, {
          args: [decision({ by: 'carol', subjectHash: 'hash-2' })],
        });
      },
    },
  };
  await withCampaign(harness, over, async (campaign) => {
    ({ handle } = campaign);
    expect((await approveAndFinish(campaign)).end).toBe('completed');
    expect(told).toEqual(['held', 'reminded']);
    expect(campaign.recorded.of('setHold').map(({ hold }) => hold)).toEqual(['paused', 'run']);
  });
});

test('of a pause and a resume that cross, PostgreSQL holds what was said last', async () => {
  const written: string[] = [];
  const setHold = async ({ hold }: { hold: string }) => {
    if (hold === 'paused') await new Promise((resolve) => setTimeout(resolve, 500));
    written.push(hold);
  };
  await withCampaign(harness, { activities: { setHold } }, async (campaign) => {
    const { handle, until } = campaign;
    await until(waiting);
    const paused = handle.executeUpdate(pauseUpdate, { args: [{ commandId: 'p', by: 'ops' }] });
    await until(({ hold }) => hold === 'paused');
    const resumed = handle.executeUpdate(resumeUpdate, { args: [{ commandId: 'r', by: 'ops' }] });
    await Promise.all([paused, resumed]);
    expect(written).toEqual(['paused', 'run']);
    expect((await approveAndFinish(campaign)).end).toBe('completed');
  });
});
