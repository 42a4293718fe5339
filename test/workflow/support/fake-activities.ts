import type {
  ApprovalsActivities,
  CampaignPlan,
  CampaignsActivities,
  CreativesActivities,
  DeliveryActivities,
  ExperimentsActivities,
  GuardrailsActivities,
  ImprovementActivities,
  IncidentsActivities,
  ProfilesActivities,
} from '../../../activities/contract';

export type AllActivities = CampaignsActivities &
  CreativesActivities &
  ApprovalsActivities &
  DeliveryActivities &
  ExperimentsActivities &
  GuardrailsActivities &
  ImprovementActivities &
  IncidentsActivities &
  ProfilesActivities;

export interface Recorded {
  readonly calls: { readonly name: string; readonly input: unknown }[];
  /** Inputs of one activity, in order. */
  of<K extends keyof AllActivities>(name: K): Parameters<AllActivities[K]>[0][];
}

export const plan = (campaignId: string, over: Partial<CampaignPlan> = {}): CampaignPlan => ({
  campaignId,
  scenarioKey: 'spring',
  title: 'Spring',
  market: 'FR',
  department: 'crm',
  authors: ['alice'],
  kind: 'batch',
  steps: [],
  intakeOpen: false,
  periodSeconds: 0,
  everySeconds: 60,
  approval: { required: 1, deadlineSeconds: 3_600, remindSeconds: 600, tolerance: 0.1 },
  pilot: { observeSeconds: 60 },
  experiment: {
    windowSeconds: 300,
    onNoWinner: 'stop-without-sending',
    earlyLooks: 0,
  },
  rollout: { waves: [0.5, 1], observeSeconds: 60 },
  waveDeadlineSeconds: 3_600,
  defaultArm: 'a',
  baselineArm: null,
  progress: {
    hold: 'run',
    stages: {},
    audience: null,
    approvedHash: null,
    approvalWaits: false,
    decisions: [],
    experimentDecision: null,
    waves: {},
    creativeRound: 0,
    rolloutStartedAt: null,
  },
  ...over,
});

export const AUDIENCE = {
  matched: 100,
  excluded: { 'no-consent': 10 },
  holdout: 0,
  members: 90,
  arms: { a: 20, control: 20 },
  parts: { pilot: 10, test: 30, rollout: 50 },
  personas: { everybody: 90 },
};

/**
 * Activities that answer the happy path and record what they were asked; `over` replaces any of them. Workflow tests
 * look at what was asked for, which replay cannot see. `nowMs` is the server's clock, which skips ahead of ours.
 */
export function fakeActivities(
  nowMs: () => Promise<number>,
  over: Partial<AllActivities> = {},
  planOver: Partial<CampaignPlan> = {},
) {
  const calls: { name: string; input: unknown }[] = [];
  const waveCounts = {
    planned: 10,
    accepted: 10,
    failed: 0,
    skipped: 0,
    uncertain: 0,
    open: 0,
    nextAt: null,
  };
  let askedHash: string | null = null;
  let approvedHash: string | null = null;
  const base: AllActivities = {
    loadPlan: async ({ campaignId }) => {
      const recorded = plan(campaignId, planOver);
      return approvedHash === null
        ? recorded
        : { ...recorded, progress: { ...recorded.progress, approvedHash } };
    },
    beginStage: async () => undefined,
    endStage: async () => undefined,
    setBlockedOn: async () => undefined,
    setHold: async () => undefined,
    endCampaign: async () => undefined,
    freezeAudience: async () => AUDIENCE,
    takeIn: async () => ({ audience: AUDIENCE, approvedMembers: 90 }),
    messagesLeft: async () => ({ left: 0 }),
    enterPeople: async () => ({ entered: 0, more: false }),
    auditAudience: async () => ({ used: ['age'], refused: [], tooSmall: null }),
    startScheduled: async () => ({ campaignId: 'c1' }),
    dryRun: async () => {
      throw new Error('not in this test');
    },
    planCreatives: async () => [{ step: 'first', channel: 'email', persona: 'everybody', arm: 'a' }],
    renderCreative: async () => ({ creativeId: 1, status: 'passed', blocking: 0, warnings: 0 }),
    creativesSummary: async () => ({ rendered: 1, rejected: 0, findings: 0, subjectHash: 'hash-1' }),
    requestApproval: async ({ deadlineSeconds, subjectHash }) => {
      askedHash = subjectHash;
      return {
        approvalId: 'ap1',
        deadlineAt: new Date((await nowMs()) + deadlineSeconds * 1_000).toISOString(),
      };
    },
    announceApproval: async () => undefined,
    remindApproval: async () => undefined,
    recordDecision: async () => undefined,
    closeApproval: async ({ state }) => {
      if (state === 'approved') approvedHash = askedHash;
    },
    planWave: async () => ({ planned: 10, shards: [{ index: 0, from: 1, to: 100 }] }),
    sendShard: async () => ({ stopped: 'done' }),
    dueShards: async () => ({ shards: [] }),
    judgeDeadline: async () => ({ late: false, words: '' }),
    noteEntries: async () => ({ open: 0, late: 0, words: '' }),
    waveCounts: async () => waveCounts,
    closeAborted: async () => undefined,
    closeWave: async () => ({ endedAt: new Date(await nowMs()).toISOString() }),
    judgeWave: async () => ({ ok: true, guardrails: [], words: 'All well.' }),
    watchGuardrails: async () => ({ state: 'over', guardrails: [], words: '' }),
    judgeRecent: async () => ({ ok: true, guardrails: [], words: 'All well.' }),
    judgePilot: async () => ({ ok: true, words: 'As usual.' }),
    cheapestArm: async () => ({ arm: 'b' }),
    evaluate: async () => ({ action: 'ship', arm: 'a', reasons: ['a is better.'] }),
    learn: async () => ({ backlogItems: 1 }),
    openIncident: async () => undefined,
    runImport: async () => ({ rows: 1, created: 1, merged: 0, rejected: 0 }),
  };
  const all = { ...base, ...over };
  const activities: Record<string, (input: never) => Promise<unknown>> = Object.fromEntries(
    Object.entries(all).map(([name, run]) => [
      name,
      async (input: never) => {
        calls.push({ name, input });
        return run(input);
      },
    ]),
  );
  const recorded: Recorded = {
    calls,
    of: (name) => calls.filter((c) => c.name === name).map((c) => c.input) as never,
  };
  return { activities, recorded };
}
