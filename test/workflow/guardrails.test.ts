import { setTimeout as sleep } from 'node:timers/promises';
import { abortUpdate, decideUpdate, resumeUpdate } from '../../workflows/campaign/contract';
import { guardrailsWorkflowId } from '../../workflows/guardrails/contract';
import { localEnv } from '../support/temporal';
import { decision, openHarness, waiting, withCampaign, type Harness } from './support/campaign-harness';

// Real time: the time-skipping server loses a workflow task where a pause and its resumption are told in one moment.
let harness: Harness;
beforeAll(async () => {
  harness = await openHarness(localEnv);
});
afterAll(() => harness.close());

const PATIENCE_MS = 40_000;

const command = (commandId: string) => ({
  args: [{ commandId, by: 'bob' }] as [{ commandId: string; by: string }],
});

test.each(['continuous', 'triggered'] as const)(
  'a %s campaign is held each time a guardrail is crossed, goes on when it is resumed, and is judged no longer than it sends',
  async (kind) => {
    const crossed = [1, 3];
    let judgements = 0;
    let stopped: 'done' | 'aborted' = 'done';
    const over = {
      plan: { kind, pilot: null, experiment: null, periodSeconds: 3_600, everySeconds: 1 },
      activities: {
        judgeRecent: async () => {
          judgements += 1;
          return { ok: !crossed.includes(judgements), guardrails: [], words: 'Too many complain.' };
        },
        sendShard: async () => ({ stopped }),
      },
    };
    await withCampaign(harness, over, async ({ id, handle, until, result, recorded }) => {
      await until(waiting, PATIENCE_MS);
      await handle.executeUpdate(decideUpdate, { args: [decision()] });
      for (const time of crossed) {
        await until((s) => s.hold === 'paused', PATIENCE_MS);
        expect(recorded.of('openIncident')).toHaveLength(crossed.indexOf(time) + 1);
        await handle.executeUpdate(resumeUpdate, command(`resume-${kind}-${time}`));
      }
      for (const giveUp = Date.now() + PATIENCE_MS; judgements < 4 && Date.now() < giveUp;) await sleep(50);
      expect(judgements).toBeGreaterThanOrEqual(4);
      stopped = 'aborted';
      await handle.executeUpdate(abortUpdate, command(`abort-${kind}`));
      expect((await result()).end).toBe('aborted');

      const incidents = recorded.of('openIncident');
      expect(incidents.map(({ kind: of, message }) => [of.split('.')[0], message])).toEqual(
        crossed.map(() => ['guardrail-pause', 'Too many complain.']),
      );
      expect(new Set(incidents.map(({ kind: of }) => of)).size).toBe(crossed.length);
      expect(recorded.of('setHold').map((h) => h.hold)).toEqual([
        'paused',
        'run',
        'paused',
        'run',
        'aborted',
      ]);
      const watch = harness.env.client.workflow.getHandle(guardrailsWorkflowId(id));
      await expect(watch.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    });
  },
);

test('a campaign sent wave by wave is watched from its pilot on, held each time a guardrail is crossed, and goes on when resumed', async () => {
  const crossed = [1, 2];
  let looks = 0;
  const over = {
    plan: { pilot: { observeSeconds: 2 }, experiment: null, rollout: { waves: [1], observeSeconds: 2 } },
    activities: {
      watchGuardrails: async () => {
        looks += 1;
        await sleep(100);
        const state = crossed.includes(looks) ? ('crossed' as const) : ('within' as const);
        return { state, guardrails: [], words: 'Too many unsubscribe.' };
      },
    },
  };
  await withCampaign(harness, over, async ({ id, handle, until, result, recorded }) => {
    await until(waiting, PATIENCE_MS);
    expect(recorded.of('watchGuardrails')).toEqual([]);
    await handle.executeUpdate(decideUpdate, { args: [decision()] });
    for (const time of crossed) {
      await until((s) => s.hold === 'paused', PATIENCE_MS);
      await handle.executeUpdate(resumeUpdate, command(`resume-batch-${time}`));
    }
    expect((await result()).end).toBe('completed');
    expect(recorded.of('openIncident').map(({ kind, message }) => [kind.split('.')[0], message])).toEqual(
      crossed.map(() => ['guardrail-pause', 'Too many unsubscribe.']),
    );
    expect(recorded.of('judgeRecent')).toEqual([]);
    const watch = harness.env.client.workflow.getHandle(guardrailsWorkflowId(id));
    await expect(watch.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  });
});
