import { setTimeout as sleep } from 'node:timers/promises';
import { CancelledFailure } from '@temporalio/common';
import { judgeSending, mustCount } from '../../domain/experiments/wave-watch';
import type { ExperimentsStore } from '../../store/experiments-store';
import type { GuardrailsActivities, Watched } from '../contract';
import { guarded } from '../failure';

export interface GuardrailsDeps {
  readonly store: Pick<
    ExperimentsStore,
    'scenario' | 'glance' | 'answersByWave' | 'openWaves' | 'waveOutcome'
  >;
  readonly heartbeat: () => void;
  readonly cancelled: () => boolean;
}

/** Between two looks: while messages go out, and else. */
const SENDING_MS = 250;
const RESTING_MS = 2_000;
/** Failures are no events: messages are counted this often, whatever was answered. */
const COUNT_EVERY_MS = 30_000;
/** Then another attempt goes on: no worker is bound to a campaign for as long as it lasts. */
const AT_MOST_MS = 3_600_000;

export function createGuardrailsActivities(deps: GuardrailsDeps): GuardrailsActivities {
  return {
    watchGuardrails: ({ campaignId }) => guarded(() => watch(deps, campaignId)),
  };
}

async function watch({ store, heartbeat, cancelled }: GuardrailsDeps, campaignId: string): Promise<Watched> {
  const { guardrails: limits } = await store.scenario(campaignId);
  /** By wave, when its messages were last counted. */
  const accepted = new Map<string, number>();
  let answersSeen = 0;
  let countedAt = 0;
  let words = '';
  const crossed = async (wave: WaveKey, since: Date | null): Promise<Watched | null> => {
    const outcome = await store.waveOutcome(campaignId, wave, since);
    accepted.set(keyOf(wave), outcome.accepted);
    const verdict = judgeSending(outcome, limits);
    words = `Wave ${wave.wave}: ${verdict.words}`;
    return verdict.ok ? null : { state: 'crossed', guardrails: [...verdict.guardrails], words };
  };

  for (const until = Date.now() + AT_MOST_MS; Date.now() < until;) {
    heartbeat();
    if (cancelled()) throw new CancelledFailure('Nobody waits for the guardrails any more.');
    const now = await store.glance(campaignId);
    if (now === null || now.over) return { state: 'over', guardrails: [], words };
    if (now.answers !== answersSeen) {
      for (const wave of await store.answersByWave(campaignId, now.since)) {
        if (!mustCount(wave, accepted.get(keyOf(wave)) ?? 0, limits)) continue;
        const found = await crossed(wave, now.since);
        if (found !== null) return found;
      }
      answersSeen = now.answers;
    }
    if (now.sending && Date.now() - countedAt > COUNT_EVERY_MS) {
      countedAt = Date.now();
      for (const wave of await store.openWaves(campaignId)) {
        const found = await crossed(wave, now.since);
        if (found !== null) return found;
      }
    }
    await sleep(now.sending ? SENDING_MS : RESTING_MS);
  }
  return { state: 'within', guardrails: [], words };
}

type WaveKey = { readonly step: string; readonly wave: string };

const keyOf = ({ step, wave }: WaveKey): string => `${step}/${wave}`;
