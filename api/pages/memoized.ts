const MAX_KEYS = 200;

/** `work` once per key within `ttlMs`, also for callers that come while it runs. A failure is not kept. */
export function memoized<T>(ttlMs: number, work: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const kept = new Map<string, { readonly until: number; readonly value: Promise<T> }>();
  return (key) => {
    const now = performance.now();
    const known = kept.get(key);
    if (known !== undefined && known.until > now) return known.value;
    for (const [other, { until }] of kept) if (until <= now || kept.size >= MAX_KEYS) kept.delete(other);
    const value = work(key);
    kept.set(key, { until: now + ttlMs, value });
    value.catch(() => kept.delete(key));
    return value;
  };
}
