import { evaluateCampaign } from '../../domain/experiments/campaign-evaluation';
import { cheapestArm } from '../../domain/campaigns/arms';
import { judgePilotByHistory } from '../../domain/experiments/pilot-history';
import { judgeWave, RECENT_DAYS, recentBound, type WaveVerdict } from '../../domain/experiments/wave-verdict';
import { BoucleError } from '../../domain/shared/errors';
import type { ExperimentsStore } from '../../store/experiments-store';
import type { ExperimentsActivities } from '../contract';
import { guarded } from '../failure';

export interface ExperimentsDeps {
  readonly store: ExperimentsStore;
  /** Of the code that judges. */
  readonly revision: string;
}

/** Safe to repeat: the first judgement of a look is kept, and judging a wave only reads. */
export function createExperimentsActivities({ store, revision }: ExperimentsDeps): ExperimentsActivities {
  return {
    judgeWave: ({ campaignId, step, wave }) =>
      guarded(async () => {
        const { guardrails } = await store.scenario(campaignId);
        const since = (await store.glance(campaignId))?.since ?? null;
        const verdict = judgeWave(await store.waveOutcome(campaignId, { step, wave }, since), guardrails);
        return { ok: verdict.ok, guardrails: [...verdict.guardrails], words: verdict.words };
      }),

    judgeRecent: ({ campaignId }) =>
      guarded(async () => {
        const { guardrails, continuous, triggered, experiment, arms } = await store.scenario(campaignId);
        const bound = recentBound((continuous ?? triggered)?.periodSeconds ?? 0);
        // A challenger's few messages must not hide behind the champion's many.
        const each = experiment === undefined ? [null] : arms.map(({ key }) => key);
        const verdicts: WaveVerdict[] = [];
        for (const arm of each) {
          const verdict = judgeWave(
            await store.recentOutcome(campaignId, RECENT_DAYS, arm),
            guardrails,
            bound,
          );
          verdicts.push(arm === null ? verdict : { ...verdict, words: `${arm}: ${verdict.words}` });
        }
        const crossed = verdicts.filter(({ ok }) => !ok);
        return {
          ok: crossed.length === 0,
          guardrails: (crossed[0] ?? verdicts[0])?.guardrails.slice() ?? [],
          words: (crossed.length > 0 ? crossed : verdicts).map(({ words }) => words).join(' '),
        };
      }),

    judgePilot: ({ campaignId }) =>
      guarded(async () => {
        const { pilot, primaryMetric } = await store.scenario(campaignId);
        if (pilot?.history === undefined)
          throw new BoucleError('conflict', `The pilot of ${campaignId} is not judged by its area.`);
        const { event: metric, direction } = primaryMetric;
        const { days, ...terms } = pilot.history;
        const windowSeconds = Math.min(pilot.observeSeconds, primaryMetric.windowSeconds);
        const counted = await store.pilotAndHistory({ campaignId, metric, windowSeconds, days });
        return judgePilotByHistory(counted.pilot, counted.history, { direction, ...terms });
      }),

    cheapestArm: ({ campaignId }) =>
      guarded(async () => ({
        arm: cheapestArm(await store.scenario(campaignId), await store.armCosts(campaignId)),
      })),

    evaluate: ({ campaignId, look }) =>
      guarded(async () => {
        const known = await store.evaluation(campaignId, look);
        if (known !== null) return known.result.decision;
        const scenario = await store.scenario(campaignId);
        const inputs = await store.countInputs(campaignId, scenario, look);
        const { result } = await store.recordEvaluation(campaignId, {
          look,
          inputs,
          result: evaluateCampaign(inputs),
          revision,
        });
        return result.decision;
      }),
  };
}
