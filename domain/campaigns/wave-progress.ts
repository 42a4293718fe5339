/** How far a wave has come. Rates are of deliveries settled. */
export interface WaveStanding {
  readonly planned: number;
  readonly open: number;
  readonly elapsedSeconds: number;
  /** Settled in the last `RECENT_SECONDS`. */
  readonly recent: number;
  readonly ended: boolean;
}

/** What a live rate is taken over: long enough not to jump with each batch, short enough to show a stall. */
export const RECENT_SECONDS = 60;

/**
 * Live rate of a wave and the time left at it; where nothing was settled of late, at the average since it began. Both
 * null once it has ended, and before anything is settled: a rate of nothing tells nothing.
 */
export function waveProgress(wave: WaveStanding): { perSecond: number | null; secondsLeft: number | null } {
  const settled = wave.planned - wave.open;
  if (wave.ended || settled <= 0 || wave.elapsedSeconds <= 0) return { perSecond: null, secondsLeft: null };
  const average = settled / wave.elapsedSeconds;
  const live = wave.recent / Math.min(RECENT_SECONDS, wave.elapsedSeconds);
  return { perSecond: live, secondsLeft: Math.ceil(wave.open / (live > 0 ? live : average)) };
}

/** When the wave will be done at its rate; null: it has ended, or there is no rate to tell by. */
export function estimatedEnd(wave: WaveStanding, now: Date): Date | null {
  const { secondsLeft } = waveProgress(wave);
  return secondsLeft === null ? null : new Date(now.getTime() + secondsLeft * 1_000);
}
