import { decideUpdate, pauseUpdate, resumeUpdate, revisedUpdate } from '../../workflows/campaign/contract';
import { AUDIENCE } from './support/fake-activities';
import { decision, openHarness, waiting, withCampaign, type Harness } from './support/campaign-harness';

let harness: Harness;
beforeAll(async () => {
  harness = await openHarness();
});
afterAll(() => harness.close());

const DAY = 86_400;
const command = (commandId: string) => ({
  args: [{ commandId, by: 'bob' }] as [{ commandId: string; by: string }],
});

test('later steps follow each wave of the first message, beside the loop, to the same people', async () => {
  const steps = [
    { key: 'reminder', after: 'first', afterSeconds: 3 * DAY },
    { key: 'letter', after: 'reminder', afterSeconds: 7 * DAY },
  ];
  const over = { plan: { steps, rollout: { waves: [1], observeSeconds: 60 } }, history: 'later-steps' };
  await withCampaign(harness, over, async ({ handle, until, result, recorded }) => {
    await until(waiting);
    await handle.executeUpdate(decideUpdate, { args: [decision()] });
    expect((await result()).end).toBe('completed');
    const waves = recorded.of('planWave').map(({ step, wave, part, arm }) => [step, wave, part, arm]);
    expect(waves).toHaveLength(9);
    expect(waves).toEqual(
      expect.arrayContaining([
        ['reminder', 'reminder.pilot', 'pilot', undefined],
        ['letter', 'letter.test', 'test', undefined],
        ['reminder', 'reminder.rollout-1', 'rollout', 'a'],
        ['letter', 'letter.rollout-1', 'rollout', 'a'],
      ]),
    );
    const order = waves.map(([, wave]) => wave);
    expect(order.indexOf('reminder.rollout-1')).toBeLessThan(order.indexOf('letter.rollout-1'));
  });
});

test('a continuous campaign is approved once and takes people in until its period is over', async () => {
  let rounds = 0;
  const over = {
    plan: {
      kind: 'continuous' as const,
      pilot: null,
      experiment: null,
      periodSeconds: 600,
      everySeconds: 60,
      steps: [{ key: 'reminder', after: 'first', afterSeconds: 60 }],
    },
    activities: {
      freezeAudience: async () => ({ ...AUDIENCE, members: 0, parts: { pilot: 0, test: 0, rollout: 0 } }),
      // While there are more, the next look does not wait.
      enterPeople: async () => ({ entered: (rounds += 1), more: rounds <= 3 }),
    },
    history: 'continuous',
  };
  await withCampaign(harness, over, async ({ handle, until, result, recorded }) => {
    await until(waiting);
    await handle.executeUpdate(decideUpdate, { args: [decision()] });
    expect((await result()).end).toBe('completed');
    expect(rounds).toBe(10 + 3);
    expect(recorded.of('requestApproval')).toHaveLength(1);
    expect(recorded.of('planWave').map(({ step, wave }) => [step, wave])).toEqual([
      ['first', 'entries'],
      ['reminder', 'reminder.entries'],
    ]);
    expect(recorded.of('sendShard').every((s) => s.entries === true)).toBe(true);
    expect(recorded.of('closeWave').map(({ wave }) => wave)).toEqual(['entries', 'reminder.entries']);
  });
});

test.each([
  ['ship', []],
  ['stop', ['experiment-stop']],
] as const)(
  'a challenged period is dealt person by person and judged once its last outcome is known: %s',
  async (action, kinds) => {
    const at = { closed: 0, judged: 0 };
    const over = {
      plan: {
        kind: 'continuous' as const,
        pilot: null,
        experiment: { windowSeconds: 3_600, onNoWinner: 'baseline' as const, earlyLooks: 0 },
        periodSeconds: 600,
        everySeconds: 60,
      },
      activities: {
        freezeAudience: async () => ({ ...AUDIENCE, members: 0, parts: { pilot: 0, test: 0, rollout: 0 } }),
        closeWave: async () => {
          at.closed = await harness.env.currentTimeMs();
          return { endedAt: new Date(at.closed).toISOString() };
        },
        evaluate: async () => {
          at.judged = await harness.env.currentTimeMs();
          return { action, arm: action === 'ship' ? 'b' : null, reasons: ['B did so.'] };
        },
      },
      ...(action === 'ship' ? { history: 'challenged' } : {}),
    };
    await withCampaign(harness, over, async ({ handle, until, result, recorded }) => {
      await until(waiting);
      await handle.executeUpdate(decideUpdate, { args: [decision()] });
      expect((await result()).end).toBe('completed');
      // Each their own arm; nobody else is sent the winner.
      expect(recorded.of('planWave').map(({ wave, arm }) => [wave, arm])).toEqual([['entries', undefined]]);
      expect(recorded.of('evaluate').map(({ look }) => look)).toEqual([1]);
      expect(recorded.of('openIncident').map(({ kind }) => kind)).toEqual(kinds);
      expect(at.judged - at.closed).toBeGreaterThanOrEqual(3_600_000);
    });
  },
);

test('people who wait too long for their message are an incident, once a day', async () => {
  const over = {
    plan: {
      kind: 'continuous' as const,
      pilot: null,
      experiment: null,
      periodSeconds: 3 * DAY,
      everySeconds: 3_600,
      waveDeadlineSeconds: 7_200,
    },
    activities: {
      noteEntries: async () => ({ open: 0, late: 2, words: 'Two are late.' }),
    },
  };
  await withCampaign(harness, over, async ({ handle, until, result, recorded }) => {
    await until(waiting);
    await handle.executeUpdate(decideUpdate, { args: [decision()] });
    expect((await result()).end).toBe('completed');
    const kinds = recorded.of('openIncident').map(({ kind }) => kind);
    expect(kinds.length).toBeGreaterThanOrEqual(3);
    expect(new Set(kinds).size).toBe(kinds.length);
    expect(kinds.every((kind) => /^entries-late\.entries\.\d{4}-\d\d-\d\d$/.test(kind))).toBe(true);
    expect(recorded.of('noteEntries').every((n) => n.lateAfterSeconds === 7_200)).toBe(true);
  });
});

test('a triggered campaign sends nothing itself and stays open for its period', async () => {
  const over = {
    plan: { kind: 'triggered' as const, pilot: null, experiment: null, periodSeconds: 3_600 },
    activities: {
      freezeAudience: async () => ({ ...AUDIENCE, members: 0, parts: { pilot: 0, test: 0, rollout: 0 } }),
    },
  };
  await withCampaign(harness, over, async ({ handle, until, result, recorded }) => {
    await until(waiting);
    await handle.executeUpdate(decideUpdate, { args: [decision()] });
    expect((await result()).end).toBe('completed');
    expect(recorded.of('planWave')).toEqual([]);
    const ends = new Map(recorded.of('endStage').map((s) => [s.stage, s.outcome]));
    expect([ends.get('rollout'), ends.get('observe')]).toEqual(['done', 'not-applicable']);
  });
});

test('a triggered campaign can be mended while it is held, and ends with its last message', async () => {
  let hash = 'hash-1';
  let left = 2;
  const over = {
    plan: { kind: 'triggered' as const, pilot: null, experiment: null, periodSeconds: 3_600 },
    activities: {
      freezeAudience: async () => ({ ...AUDIENCE, members: 0, parts: { pilot: 0, test: 0, rollout: 0 } }),
      creativesSummary: async () => ({ rendered: 1, rejected: 0, findings: 0, subjectHash: hash }),
      messagesLeft: async () => ({ left: (left -= 1) }),
    },
    history: 'triggered',
  };
  await withCampaign(harness, over, async ({ handle, until, result, recorded }) => {
    await until(waiting);
    await handle.executeUpdate(decideUpdate, { args: [decision()] });
    await until((s) => s.stage === 'rollout');
    await handle.executeUpdate(pauseUpdate, command('p2'));
    hash = 'hash-2';
    await handle.executeUpdate(revisedUpdate, command('r2'));
    await until(waiting);
    await expect(handle.executeUpdate(resumeUpdate, command('too-soon'))).rejects.toThrow();
    await handle.executeUpdate(decideUpdate, { args: [decision({ by: 'carol', subjectHash: 'hash-2' })] });
    expect((await result()).end).toBe('completed');
    expect(recorded.of('setHold').map((h) => h.hold)).toEqual(['paused', 'run']);
    expect(recorded.of('messagesLeft')).toHaveLength(2);
  });
});

test('an audience that grew beyond its tolerance is approved again before its wave; within it, it is not', async () => {
  let taken = 0;
  let hash = 'hash-1';
  const over = {
    plan: { pilot: null, experiment: null, intakeOpen: true },
    activities: {
      takeIn: async () => {
        taken += 1;
        const members = taken === 1 ? 99 : 100;
        if (members > 99) hash = 'hash-2';
        return { audience: { ...AUDIENCE, members }, approvedMembers: 90 };
      },
      creativesSummary: async () => ({ rendered: 1, rejected: 0, findings: 0, subjectHash: hash }),
    },
  };
  await withCampaign(harness, over, async ({ handle, until, result, recorded }) => {
    await until(waiting);
    await handle.executeUpdate(decideUpdate, { args: [decision()] });
    await until((s) => waiting(s) && s.stage === 'rollout');
    expect(recorded.of('planWave').map(({ wave }) => wave)).toEqual(['rollout-1']);
    await handle.executeUpdate(decideUpdate, { args: [decision({ subjectHash: 'hash-2' })] });
    expect((await result()).end).toBe('completed');
    expect(recorded.of('requestApproval').map((r) => r.subjectHash)).toEqual(['hash-1', 'hash-2']);
    expect(recorded.of('planWave').map(({ wave }) => wave)).toEqual(['rollout-1', 'rollout-2']);
  });
});

test('a creative mended while a wave is held is approved again, and the rest goes on by itself', async () => {
  let hash = 'hash-1';
  let hold: 'run' | 'paused' | 'aborted' = 'run';
  let release: (() => void) | undefined;
  const firstShard = new Promise<void>((resolve) => {
    release = resolve;
  });
  let shards = 0;
  const over = {
    plan: { pilot: null, experiment: null, rollout: { waves: [1], observeSeconds: 60 } },
    history: 'mended',
    activities: {
      setHold: async (input: { hold: typeof hold }) => {
        hold = input.hold;
      },
      sendShard: async () => {
        shards += 1;
        if (shards === 1) await firstShard;
        return { stopped: hold === 'run' ? ('done' as const) : ('paused' as const) };
      },
      creativesSummary: async () => ({ rendered: 1, rejected: 0, findings: 0, subjectHash: hash }),
    },
  };
  await withCampaign(harness, over, async ({ handle, until, result, recorded }) => {
    await until(waiting);
    await handle.executeUpdate(decideUpdate, { args: [decision()] });
    await until((s) => s.stage === 'rollout');
    await expect(handle.executeUpdate(revisedUpdate, command('too-early'))).rejects.toThrow();
    await handle.executeUpdate(pauseUpdate, command('p1'));
    const heldAt = await harness.env.currentTimeMs();
    release?.();
    hash = 'hash-2';
    await handle.executeUpdate(revisedUpdate, command('r1'));
    await until(waiting);
    // Resuming now would send what nobody approved.
    await expect(handle.executeUpdate(resumeUpdate, command('resume'))).rejects.toThrow();
    await handle.executeUpdate(decideUpdate, { args: [decision({ by: 'carol', subjectHash: 'hash-2' })] });
    expect((await result()).end).toBe('completed');
    // Nobody resumed it: were the approval waited for as a held campaign waits, time would have skipped a year.
    expect((await harness.env.currentTimeMs()) - heldAt).toBeLessThan(30 * 86_400_000);
    expect(recorded.of('requestApproval').map((r) => r.subjectHash)).toEqual(['hash-1', 'hash-2']);
    expect(recorded.of('setHold').map((h) => h.hold)).toEqual(['paused', 'run']);
    expect(recorded.of('planWave')).toHaveLength(1);
    expect(shards).toBeGreaterThan(1);
  });
});
