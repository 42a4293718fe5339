import { abortUpdate, decidedSignal, decideUpdate, revisedUpdate } from '../../workflows/campaign/contract';
import { plan } from './support/fake-activities';
import {
  approveAndFinish,
  decision,
  openHarness,
  waiting,
  withCampaign,
  type Harness,
} from './support/campaign-harness';

let harness: Harness;
beforeAll(async () => {
  harness = await openHarness();
});
afterAll(() => harness.close());

/** A promise, and what fulfils it. */
function latch(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((fulfil) => (resolve = fulfil));
  return { promise, resolve };
}

describe('approval', () => {
  test('the author, a stale hash and a second decision change nothing and say why', async () => {
    await withCampaign(
      harness,
      { plan: { approval: { ...plan('x').approval, required: 2 } } },
      async (campaign) => {
        const { handle, until, result, recorded } = campaign;
        await until(waiting);
        const decide = (d: ReturnType<typeof decision>) => handle.executeUpdate(decideUpdate, { args: [d] });
        expect(await decide(decision({ by: 'alice' }))).toMatchObject({ refusal: 'approval-four-eyes' });
        expect(await decide(decision({ subjectHash: 'older' }))).toMatchObject({ refusal: 'approval-stale' });
        const first = decision({ by: 'bob' });
        expect(await decide(first)).toEqual({ outcome: 'counted', state: 'waiting', missing: 1 });
        expect(await decide(first)).toEqual({ outcome: 'counted', state: 'waiting', missing: 1 });
        expect(await decide(decision({ by: 'bob' }))).toMatchObject({ refusal: 'approval-decided' });
        expect(await decide(decision({ by: 'carol' }))).toMatchObject({ state: 'approved' });
        expect((await result()).end).toBe('completed');
        expect(recorded.of('recordDecision').map((r) => r.outcome)).toEqual([
          'approval-four-eyes',
          'approval-stale',
          'counted',
          'approval-decided',
          'counted',
        ]);
      },
    );
  });

  test('a rejection by signal ends the campaign, and nothing is sent', async () => {
    await withCampaign(harness, { history: 'rejected' }, async ({ handle, until, result, recorded }) => {
      await until(waiting);
      await handle.signal(
        decidedSignal,
        decision({ decision: 'reject', via: 'slack', reason: 'wrong logo' }),
      );
      expect(await result()).toEqual({ end: 'rejected', reason: 'Rejected by bob: wrong logo.' });
      expect(recorded.of('planWave')).toEqual([]);
      expect(recorded.of('learn')).toMatchObject([{ end: 'rejected' }]);
    });
  });

  test('listed before the run has heard of it, it is decided all the same', async () => {
    const listed = latch();
    const answered = latch();
    const requestApproval = async () => {
      listed.resolve();
      await answered.promise;
      return { approvalId: 'ap1', deadlineAt: new Date(Date.now() + 30 * 86_400_000).toISOString() };
    };
    const both = { approval: { ...plan('x').approval, required: 2 } };
    await withCampaign(harness, { activities: { requestApproval }, plan: both }, async (campaign) => {
      const { handle, result, recorded } = campaign;
      await listed.promise;
      const told = handle.executeUpdate(decideUpdate, { args: [decision()] });
      await handle.signal(decidedSignal, decision({ by: 'carol' }));
      setTimeout(answered.resolve, 500);
      expect(await told).toMatchObject({ outcome: 'counted' });
      await result();
      expect(recorded.of('recordDecision').map((r) => r.outcome)).toEqual(['counted', 'counted']);
      expect(recorded.of('closeApproval')).toMatchObject([{ state: 'approved' }]);
    });
  });

  test('a run started again judges what is said of the approval that PostgreSQL lists', async () => {
    const rendered = latch();
    const progress = { ...plan('x').progress, approvalWaits: true };
    const planCreatives = async () => {
      await rendered.promise;
      return [];
    };
    await withCampaign(harness, { plan: { progress }, activities: { planCreatives } }, async (campaign) => {
      const { handle, result } = campaign;
      const told = handle.executeUpdate(decideUpdate, { args: [decision()] });
      setTimeout(rendered.resolve, 500);
      expect(await told).toMatchObject({ outcome: 'counted', state: 'approved' });
      expect((await result()).end).toBe('completed');
    });
  });

  test('a Slack that answers to nobody holds no decision up', async () => {
    const announceApproval = async () => {
      throw new Error('slack is down');
    };
    await withCampaign(harness, { activities: { announceApproval } }, async (campaign) => {
      expect((await approveAndFinish(campaign)).end).toBe('completed');
    });
  });

  test('is reminded of, then expires', async () => {
    await withCampaign(harness, { history: 'expired' }, async ({ result, recorded }) => {
      expect((await result()).end).toBe('expired');
      expect(recorded.of('remindApproval').length).toBe(5);
      expect(recorded.of('planWave')).toEqual([]);
    });
  });

  test('a revision voids it and asks again', async () => {
    let hash = 'hash-0';
    const summary = async () => ({ rendered: 1, rejected: 0, findings: 0, subjectHash: hash });
    await withCampaign(
      harness,
      { history: 'revised', activities: { creativesSummary: summary } },
      async (campaign) => {
        const { handle, until, result, recorded } = campaign;
        await until((s) => s.waitingForApproval?.subjectHash === 'hash-0');
        hash = 'hash-1';
        await handle.executeUpdate(revisedUpdate, { args: [{ commandId: 'r1', by: 'dora' }] });
        await until((s) => s.waitingForApproval?.subjectHash === 'hash-1');
        const own = await handle.executeUpdate(decideUpdate, { args: [decision({ by: 'dora' })] });
        expect(own).toMatchObject({ refusal: 'approval-four-eyes' });
        await handle.executeUpdate(decideUpdate, { args: [decision()] });
        expect((await result()).end).toBe('completed');
        expect(recorded.of('closeApproval').map((c) => c.state)).toEqual(['void', 'approved']);
      },
    );
  });

  test('what is sent is what was approved, else an incident', async () => {
    let hash = 'hash-1';
    const summary = async () => ({ rendered: 1, rejected: 0, findings: 0, subjectHash: hash });
    const closeWave = async () => {
      hash = 'changed-since';
      return { endedAt: new Date(0).toISOString() };
    };
    await withCampaign(
      harness,
      { activities: { creativesSummary: summary, closeWave } },
      async (campaign) => {
        const { handle, until, result, recorded } = campaign;
        await until(waiting);
        await handle.executeUpdate(decideUpdate, { args: [decision()] });
        expect((await result()).end).toBe('stopped');
        expect(recorded.of('openIncident')).toMatchObject([{ kind: 'not-what-was-approved' }]);
        expect(recorded.of('planWave').map((w) => w.wave)).toEqual(['pilot']);
      },
    );
  });

  test('a lost run that had been approved asks nobody twice', async () => {
    const progress = { ...plan('x').progress, approvedHash: 'hash-1' };
    await withCampaign(harness, { plan: { progress } }, async ({ result, recorded }) => {
      expect((await result()).end).toBe('completed');
      expect(recorded.of('requestApproval')).toEqual([]);
    });
  });

  test('an abort takes the buttons away', async () => {
    await withCampaign(harness, {}, async ({ handle, until, result, recorded }) => {
      await until(waiting);
      await handle.executeUpdate(abortUpdate, { args: [{ commandId: 'a2', by: 'ops' }] });
      expect((await result()).end).toBe('aborted');
      expect(recorded.of('closeApproval')).toMatchObject([{ state: 'void' }]);
      expect(recorded.of('closeAborted').length).toBe(1);
    });
  });

  test('a revision that arrives while creatives are being rendered is rendered too', async () => {
    let renders = 0;
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const renderCreative = async () => {
      renders += 1;
      if (renders === 1) await held;
      return { creativeId: 1, status: 'passed' as const, blocking: 0, warnings: 0 };
    };
    await withCampaign(harness, { activities: { renderCreative } }, async (campaign) => {
      const { handle, until, recorded } = campaign;
      await until((s) => s.stage === 'create');
      await handle.executeUpdate(revisedUpdate, { args: [{ commandId: 'r9', by: 'alice' }] });
      release();
      await until(waiting);
      expect(recorded.of('planCreatives').length).toBe(2);
      await handle.executeUpdate(abortUpdate, { args: [{ commandId: 'a9', by: 'ops' }] });
      await campaign.result();
    });
  });
});
