import { ApplicationFailure } from '@temporalio/common';
import { decideUpdate, resumeUpdate } from '../../workflows/campaign/contract';
import { decision, openHarness, waiting, withCampaign, type Harness } from './support/campaign-harness';

let harness: Harness;
beforeAll(async () => {
  harness = await openHarness();
});
afterAll(() => harness.close());

const SHARDS = [
  { index: 0, from: 1, to: 50 },
  { index: 1, from: 50, to: 100 },
];
const plan = { pilot: null, experiment: null, rollout: { waves: [1], observeSeconds: 60 } };
const counts = { planned: 10, accepted: 10, failed: 0, skipped: 0, uncertain: 0, open: 0, nextAt: null };

test('a provider that fails and fails pauses the campaign and calls somebody, once; a resume goes on', async () => {
  let attempts = 0;
  const over = {
    plan,
    activities: {
      sendShard: async () => ({ stopped: (attempts += 1) === 1 ? ('breaker' as const) : ('done' as const) }),
    },
  };
  await withCampaign(harness, over, async ({ handle, until, result, recorded }) => {
    await until(waiting);
    await handle.executeUpdate(decideUpdate, { args: [decision()] });
    await until(({ hold }) => hold === 'paused');
    expect(recorded.of('openIncident')).toEqual([
      expect.objectContaining({ kind: 'circuit-breaker.rollout-1' }),
    ]);
    expect(recorded.of('setHold').map(({ hold }) => hold)).toEqual(['paused']);
    await handle.executeUpdate(resumeUpdate, { args: [{ commandId: 'go-on', by: 'alice' }] });
    expect((await result()).end).toBe('completed');
    expect(attempts).toBeGreaterThan(1);
    expect(recorded.of('openIncident')).toHaveLength(1);
  });
});

test('who was put off is sent to from the shards they are in, and a wave that will be late says so once, also after a look that failed', async () => {
  let rounds = 0;
  let looks = 0;
  const over = {
    plan: { ...plan, waveDeadlineSeconds: 7_200 },
    activities: {
      planWave: async () => ({ planned: 10, shards: SHARDS }),
      waveCounts: async () => {
        rounds += 1;
        const nextAt = new Date((await harness.env.currentTimeMs()) + 900_000).toISOString();
        return rounds < 4 ? { ...counts, accepted: 9, open: 1, nextAt } : counts;
      },
      dueShards: async () => ({ shards: SHARDS.slice(1) }),
      judgeDeadline: async () => {
        looks += 1;
        if (looks === 1) throw ApplicationFailure.nonRetryable('no look this time');
        return { late: true, words: 'too slow' };
      },
    },
  };
  await withCampaign(harness, over, async ({ handle, until, result, recorded }) => {
    await until(waiting);
    await handle.executeUpdate(decideUpdate, { args: [decision()] });
    expect((await result()).end).toBe('completed');
    // The first round's two go at once, in whichever order.
    expect(
      recorded
        .of('sendShard')
        .map(({ shard }) => shard.index)
        .sort(),
    ).toEqual([0, 1, 1, 1, 1]);
    expect(recorded.of('openIncident')).toEqual([
      expect.objectContaining({ kind: 'wave-late.rollout-1', message: 'too slow' }),
    ]);
    expect(looks).toBe(2);
  });
});

test('a ledger with one row too many is a wave that does not add up: an incident, never complete', async () => {
  const over = { plan, activities: { waveCounts: async () => ({ ...counts, accepted: 11 }) } };
  await withCampaign(harness, over, async ({ handle, until, result, recorded }) => {
    await until(waiting);
    await handle.executeUpdate(decideUpdate, { args: [decision()] });
    expect((await result()).end).toBe('failed');
    expect(recorded.of('openIncident')).toEqual([
      expect.objectContaining({ kind: 'wave-incomplete.rollout-1' }),
    ]);
    expect(recorded.of('closeWave')).toEqual([]);
  });
});
