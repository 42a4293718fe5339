/**
 * Rate of a wave since it began and the time left at that rate. Both null once it has ended, and before anything is
 * settled: a rate of nothing tells nothing.
 */
export function waveProgress(wave: {
  readonly planned: number;
  readonly open: number;
  readonly elapsedSeconds: number;
  readonly ended: boolean;
}): { perSecond: number | null; secondsLeft: number | null } {
  const settled = wave.planned - wave.open;
  if (wave.ended || settled <= 0 || wave.elapsedSeconds <= 0) return { perSecond: null, secondsLeft: null };
  const perSecond = settled / wave.elapsedSeconds;
  return { perSecond, secondsLeft: Math.ceil(wave.open / perSecond) };
}
