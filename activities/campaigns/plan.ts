import { baselineArm, defaultArm } from '../../domain/campaigns/arms';
import { BoucleError } from '../../domain/shared/errors';
import type { CampaignsStore } from '../../store/campaigns-store';
import type { CampaignPlan } from '../contract';

/** Messages of a triggered campaign go at any time, in no rounds: how often they are judged. */
const MESSAGES_JUDGED_SECONDS = 600;

/** What the workflow steers by, and what earlier runs of the same campaign recorded. */
export async function loadPlan(store: CampaignsStore, campaignId: string): Promise<CampaignPlan> {
  const campaign = await store.get(campaignId);
  if (campaign === null) throw new BoucleError('not-found', `There is no campaign ${campaignId}.`);
  const { scenario } = campaign;
  const recorded = await store.progress(campaignId);
  return {
    campaignId,
    scenarioKey: scenario.key,
    title: scenario.name,
    market: scenario.market,
    department: scenario.department,
    authors: campaign.authors,
    kind: scenario.kind,
    steps: scenario.steps.map(({ key, after, afterSeconds }) => ({ key, after, afterSeconds })),
    intakeOpen: scenario.intake === 'open',
    periodSeconds: (scenario.continuous ?? scenario.triggered)?.periodSeconds ?? 0,
    everySeconds: scenario.continuous?.everySeconds ?? MESSAGES_JUDGED_SECONDS,
    approval: scenario.approval,
    pilot: scenario.pilot
      ? {
          observeSeconds: scenario.pilot.observeSeconds,
          ...(scenario.pilot.history === undefined ? {} : { byHistory: true }),
        }
      : null,
    experiment: scenario.experiment
      ? {
          windowSeconds: scenario.primaryMetric.windowSeconds,
          onNoWinner: scenario.experiment.onNoWinner,
          earlyLooks: scenario.experiment.earlyLooks,
          waves: scenario.experiment.waves,
          lookAfterSeconds: scenario.experiment.lookAfterSeconds,
        }
      : null,
    rollout: scenario.rollout,
    waveDeadlineSeconds: scenario.waveDeadlineSeconds,
    defaultArm: defaultArm(scenario),
    baselineArm: baselineArm(scenario),
    progress: {
      hold: campaign.hold,
      stages: recorded.stages,
      audience: recorded.audience,
      approvedHash: campaign.approvedHash,
      approvalWaits: recorded.approvalWaits,
      decisions: recorded.decisions,
      experimentDecision: recorded.evaluation,
      waves: recorded.waves,
      creativeRound: recorded.creativeRound,
      rolloutStartedAt: recorded.rolloutStartedAt,
    },
  };
}
