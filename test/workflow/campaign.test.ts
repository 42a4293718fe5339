import { ApplicationFailure } from '@temporalio/common';
import { decideUpdate, revisedUpdate } from '../../workflows/campaign/contract';
import { AUDIENCE, plan } from './support/fake-activities';
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

const stagesOf = (inputs: { stage: string; outcome: string }[]) => inputs.map((i) => [i.stage, i.outcome]);

test('goes round the whole loop and ends completed', async () => {
  await withCampaign(harness, { history: 'completed' }, async ({ handle, until, result, recorded }) => {
    await until(waiting);
    const answer = await handle.executeUpdate(decideUpdate, { args: [decision()] });
    expect(answer).toEqual({ outcome: 'counted', state: 'approved', missing: 0 });
    expect(await result()).toEqual({ end: 'completed', reason: 'a is better.' });

    expect(stagesOf(recorded.of('endStage'))).toEqual([
      ['define', 'done'],
      ['audit', 'done'],
      ['create', 'done'],
      ['qa', 'done'],
      ['approve', 'done'],
      ['pilot', 'done'],
      ['pilot-observe', 'done'],
      ['experiment', 'done'],
      ['evaluate', 'done'],
      ['rollout', 'done'],
      ['observe', 'done'],
      ['learn', 'done'],
    ]);
    // Replay cannot see what activities are asked for, so it is looked at here.
    expect(
      recorded.of('planWave').map(({ wave, part, arm, buckets }) => ({ wave, part, arm, buckets })),
    ).toEqual([
      { wave: 'pilot', part: 'pilot', arm: undefined, buckets: { from: 0, to: 10_000 } },
      { wave: 'test', part: 'test', arm: undefined, buckets: { from: 0, to: 10_000 } },
      { wave: 'rollout-1', part: 'rollout', arm: 'a', buckets: { from: 0, to: 5_000 } },
      { wave: 'rollout-2', part: 'rollout', arm: 'a', buckets: { from: 5_000, to: 10_000 } },
    ]);
    expect(recorded.of('closeApproval')).toMatchObject([{ state: 'approved', words: 'Approved by bob.' }]);
    expect(recorded.of('endCampaign')).toMatchObject([{ end: 'completed' }]);
  });
});

test('a scenario without pilot and test sends its one arm to everybody', async () => {
  const audience = { ...AUDIENCE, parts: { pilot: 0, test: 0, rollout: 90 } };
  const over = {
    plan: { pilot: null, experiment: null },
    activities: { freezeAudience: async () => audience },
  };
  await withCampaign(harness, over, async ({ handle, until, result, recorded }) => {
    await until(waiting);
    await handle.executeUpdate(decideUpdate, { args: [decision()] });
    expect((await result()).end).toBe('completed');
    const ends = new Map(recorded.of('endStage').map((s) => [s.stage, s.outcome]));
    for (const stage of ['pilot', 'pilot-observe', 'experiment', 'evaluate'] as const) {
      expect(ends.get(stage)).toBe('not-applicable');
    }
    expect(recorded.of('planWave').every((w) => w.arm === 'a' && w.part === 'rollout')).toBe(true);
  });
});

test('a rejected creative holds the campaign until it is revised', async () => {
  let rejected = 1;
  const summary = async () => ({ rendered: 1, rejected, findings: rejected, subjectHash: 'hash-1' });
  await withCampaign(harness, { activities: { creativesSummary: summary } }, async (campaign) => {
    const { handle, until, result, recorded } = campaign;
    await until((s) => s.stage === 'qa' && s.blockedOn !== null);
    rejected = 0;
    await handle.executeUpdate(revisedUpdate, { args: [{ commandId: 'r1', by: 'alice' }] });
    await until(waiting);
    await handle.executeUpdate(decideUpdate, { args: [decision()] });
    expect((await result()).end).toBe('completed');
    expect(recorded.of('planCreatives').length).toBe(2);
  });
});

test('an attribute the policy refuses stops it before anything is made', async () => {
  const audit = async () => ({ used: ['religion'], refused: ['religion'], tooSmall: null });
  await withCampaign(harness, { activities: { auditAudience: audit } }, async ({ result, recorded }) => {
    expect(await result()).toEqual({
      end: 'stopped',
      reason: 'The targeting policy does not allow: religion.',
    });
    expect(recorded.of('planCreatives')).toEqual([]);
  });
});

test('a test too small to be read is refused before anything is made', async () => {
  const audit = async () => ({ used: ['age'], refused: [], tooSmall: 'The test is too small.' });
  await withCampaign(harness, { activities: { auditAudience: audit } }, async ({ result, recorded }) => {
    expect(await result()).toEqual({ end: 'stopped', reason: 'The test is too small.' });
    expect(recorded.of('planCreatives')).toEqual([]);
  });
});

describe('what comes back', () => {
  test('a guardrail crossed in the pilot stops it with an incident', async () => {
    const judgeWave = async () => ({ ok: false, guardrails: [], words: 'Unsubscribes above 0.5 %.' });
    await withCampaign(harness, { history: 'stopped', activities: { judgeWave } }, async (campaign) => {
      expect(await approveAndFinish(campaign)).toEqual({
        end: 'stopped',
        reason: 'Unsubscribes above 0.5 %.',
      });
      expect(campaign.recorded.of('openIncident')).toMatchObject([{ kind: 'guardrail.pilot' }]);
      expect(campaign.recorded.of('planWave').map((w) => w.wave)).toEqual(['pilot']);
    });
  });

  test('no winner sends nothing more and says so', async () => {
    const evaluate = async () => ({ action: 'no-winner' as const, arm: null, reasons: ['Too close.'] });
    await withCampaign(harness, { history: 'no-winner', activities: { evaluate } }, async (campaign) => {
      expect(await approveAndFinish(campaign)).toEqual({ end: 'no-winner', reason: 'Too close.' });
      expect(campaign.recorded.of('planWave').map((w) => w.wave)).toEqual(['pilot', 'test']);
    });
  });

  test('no winner with a baseline rolls the baseline out', async () => {
    const evaluate = async () => ({ action: 'no-winner' as const, arm: null, reasons: ['Too close.'] });
    const over = {
      activities: { evaluate },
      plan: {
        baselineArm: 'b',
        experiment: { windowSeconds: 300, onNoWinner: 'baseline' as const, earlyLooks: 0 },
      },
    };
    await withCampaign(harness, over, async (campaign) => {
      expect((await approveAndFinish(campaign)).end).toBe('no-winner');
      expect(
        campaign.recorded
          .of('planWave')
          .filter((w) => w.part === 'rollout')
          .map((w) => w.arm),
      ).toEqual(['b', 'b']);
    });
  });

  test('a pilot that is worse than its area is used to is the end of it', async () => {
    const judgePilot = async () => ({ ok: false, words: 'Worse than usual.' });
    const over = { activities: { judgePilot }, plan: { pilot: { observeSeconds: 60, byHistory: true } } };
    await withCampaign(harness, over, async (campaign) => {
      expect(await approveAndFinish(campaign)).toEqual({ end: 'stopped', reason: 'Worse than usual.' });
      expect(campaign.recorded.of('planWave').map(({ wave }) => wave)).toEqual(['pilot']);
      expect(campaign.recorded.of('openIncident')).toMatchObject([{ kind: 'pilot-worse' }]);
    });
  });

  test('a test without a winner may send the cheapest arm', async () => {
    const evaluate = async () => ({ action: 'no-winner' as const, arm: null, reasons: ['Too close.'] });
    const cheapestArm = async () => ({ arm: 'short' });
    const experiment = { windowSeconds: 300, onNoWinner: 'cheapest' as const, earlyLooks: 0 };
    const over = { activities: { evaluate, cheapestArm }, plan: { baselineArm: 'b', experiment } };
    await withCampaign(harness, over, async (campaign) => {
      expect((await approveAndFinish(campaign)).end).toBe('no-winner');
      const rolledOut = campaign.recorded.of('planWave').filter((w) => w.part === 'rollout');
      expect(rolledOut.map((w) => w.arm)).toEqual(['short', 'short']);
    });
  });

  describe('in waves', () => {
    const HOUR = 3_600;
    const plan = {
      experiment: {
        windowSeconds: 300,
        onNoWinner: 'stop-without-sending' as const,
        earlyLooks: 0,
        waves: [0.2, 1],
        lookAfterSeconds: HOUR,
      },
      rollout: { waves: [0.05, 0.2, 0.5, 1], lookAfterSeconds: 2 * HOUR, observeSeconds: 60 },
    };

    test('each goes once the one before it has been looked at, and only adds people', async () => {
      const at: Record<string, number> = {};
      const over = {
        history: 'waves',
        plan,
        activities: {
          planWave: async ({ wave }: { wave: string }) => {
            at[wave] = Math.round((await harness.env.currentTimeMs()) / 1_000);
            return { planned: 10, shards: [{ index: 0, from: 1, to: 100 }] };
          },
        },
      };
      await withCampaign(harness, over, async (campaign) => {
        expect((await approveAndFinish(campaign)).end).toBe('completed');
        const waves = campaign.recorded.of('planWave');
        expect(waves.map(({ wave, buckets }) => [wave, buckets.from, buckets.to])).toEqual([
          ['pilot', 0, 10_000],
          ['test-1', 0, 2_000],
          ['test-2', 2_000, 10_000],
          ['rollout-1', 0, 500],
          ['rollout-2', 500, 2_000],
          ['rollout-3', 2_000, 5_000],
          ['rollout-4', 5_000, 10_000],
        ]);
        expect(at['test-2']! - at['test-1']!).toBeGreaterThanOrEqual(HOUR);
        expect(at['rollout-4']! - at['rollout-1']!).toBeGreaterThanOrEqual(3 * 2 * HOUR);
        expect(campaign.recorded.of('judgeWave').map(({ wave }) => wave)).toEqual([
          'pilot',
          ...['test-1', 'test-1', 'test-2'],
          ...[1, 2, 3, 4, 1, 2, 3, 4].map((n) => `rollout-${n}`),
        ]);
      });
    });

    test('one that crosses a limit is the last', async () => {
      const judgeWave = async ({ wave }: { wave: string }) => ({
        ok: wave !== 'test-1',
        guardrails: [],
        words: 'Too many complain.',
      });
      await withCampaign(harness, { plan, activities: { judgeWave } }, async (campaign) => {
        expect(await approveAndFinish(campaign)).toMatchObject({ end: 'stopped' });
        expect(campaign.recorded.of('planWave').map(({ wave }) => wave)).toEqual(['pilot', 'test-1']);
      });
    });
  });

  test('early looks end a test as soon as one of them holds', async () => {
    const looks: number[] = [];
    const evaluate = async ({ look }: { look: number }) => {
      looks.push(look);
      return look < 2
        ? { action: 'keep-running' as const, arm: null, reasons: ['Nothing holds yet.'] }
        : { action: 'ship' as const, arm: 'a', reasons: ['a wins.'] };
    };
    const over = {
      history: 'early-look',
      activities: { evaluate },
      plan: {
        experiment: { windowSeconds: 300, onNoWinner: 'stop-without-sending' as const, earlyLooks: 3 },
      },
    };
    await withCampaign(harness, over, async (campaign) => {
      expect(await approveAndFinish(campaign)).toEqual({ end: 'completed', reason: 'a wins.' });
      expect(looks).toEqual([1, 2]);
      // Pilot, test and each wave of the roll-out once.
      expect(campaign.recorded.of('judgeWave').filter(({ wave }) => wave === 'test')).toHaveLength(1);
    });
  });

  test('what somebody has to look at is an incident, and nothing more is sent', async () => {
    const evaluate = async () => ({ action: 'review' as const, arm: null, reasons: ['Look at it.'] });
    await withCampaign(harness, { activities: { evaluate } }, async (campaign) => {
      expect(await approveAndFinish(campaign)).toEqual({ end: 'stopped', reason: 'Look at it.' });
      expect(campaign.recorded.of('openIncident')).toMatchObject([{ kind: 'experiment-review' }]);
    });
  });

  test('an invalid test gives no verdict', async () => {
    const evaluate = async () => ({
      action: 'invalid' as const,
      arm: null,
      reasons: ['Sample ratios are off.'],
    });
    await withCampaign(harness, { activities: { evaluate } }, async (campaign) => {
      expect((await approveAndFinish(campaign)).end).toBe('stopped');
      expect(campaign.recorded.of('openIncident')).toMatchObject([{ kind: 'experiment-invalid' }]);
    });
  });

  test('a wave that does not add up is an incident', async () => {
    const waveCounts = async () => ({
      planned: 10,
      accepted: 9,
      failed: 0,
      skipped: 0,
      uncertain: 0,
      open: 1,
      nextAt: null,
    });
    await withCampaign(harness, { activities: { waveCounts } }, async (campaign) => {
      expect((await approveAndFinish(campaign)).end).toBe('failed');
      expect(campaign.recorded.of('openIncident')).toMatchObject([{ kind: 'wave-incomplete.pilot' }]);
    });
  });

  test('a permanent fault ends it failed, with its words and a report', async () => {
    const planWave = async () => {
      throw ApplicationFailure.nonRetryable('no such wave', 'internal');
    };
    await withCampaign(harness, { history: 'failed', activities: { planWave } }, async (campaign) => {
      expect(await approveAndFinish(campaign)).toEqual({ end: 'failed', reason: 'no such wave' });
      expect(campaign.recorded.of('learn')).toMatchObject([{ end: 'failed' }]);
      expect(campaign.recorded.of('openIncident')).toMatchObject([{ kind: 'campaign-failed' }]);
    });
  });
});

test('a test that nobody is in decides nothing, and nothing is rolled out', async () => {
  const audience = { ...AUDIENCE, parts: { pilot: 10, test: 0, rollout: 80 } };
  await withCampaign(harness, { activities: { freezeAudience: async () => audience } }, async (campaign) => {
    expect((await approveAndFinish(campaign)).end).toBe('no-winner');
    expect(campaign.recorded.of('planWave').map((w) => w.wave)).toEqual(['pilot']);
  });
});

describe('started again from PostgreSQL', () => {
  test('goes on from its stage, with waves, decision and approval as recorded', async () => {
    const progress = {
      ...plan('x').progress,
      stages: {
        define: 'done',
        audit: 'done',
        create: 'done',
        qa: 'done',
        approve: 'done',
        pilot: 'done',
        'pilot-observe': 'done',
        experiment: 'done',
      },
      approvedHash: 'hash-1',
      audience: {
        matched: 90,
        excluded: {},
        holdout: 0,
        members: 90,
        arms: {},
        parts: { pilot: 10, test: 30, rollout: 50 },
        personas: {},
      },
      waves: { pilot: new Date().toISOString(), test: new Date().toISOString() },
    };
    await withCampaign(
      harness,
      { history: 'started-again', plan: { progress } },
      async ({ result, recorded }) => {
        expect((await result()).end).toBe('completed');
        expect(recorded.of('freezeAudience')).toEqual([]);
        expect(recorded.of('requestApproval')).toEqual([]);
        expect(recorded.of('planWave').map((w) => w.wave)).toEqual(['rollout-1', 'rollout-2']);
        expect(recorded.of('evaluate').length).toBe(1);
      },
    );
  });

  test('a campaign that had already been stopped stays stopped', async () => {
    const progress = { ...plan('x').progress, stages: { define: 'done', audit: 'stopped' } };
    await withCampaign(harness, { plan: { progress } }, async ({ result, recorded }) => {
      expect((await result()).end).toBe('stopped');
      expect(recorded.of('planCreatives')).toEqual([]);
      expect(recorded.of('endCampaign')).toMatchObject([{ end: 'stopped' }]);
    });
  });
});
