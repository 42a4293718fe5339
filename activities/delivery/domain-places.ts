/** The places one message of the lane holds; it gives them back when it has ended. */
export interface DomainPlaces {
  /** 0: this domain's servers may be given the message now. Else how long to wait before asking again, milliseconds. */
  enter(domain: string): number;
  leave(): void;
}

/** An answer that takes longer is not on its way: most servers take a message within a second. */
const SLOW_MS = 2_000;
/** How long a domain is left alone that lets messages hang; one that is only new is soon known. */
const HANGING_MS = 10_000;
const UNKNOWN_MS = 100;
/** Domains remembered as answering. */
const MOST_KNOWN = 10_000;

/**
 * How many connections of the lane one recipient domain may hold, so that a server which takes the call and says no
 * more cannot hold all of them: an eighth by messages that wait for long, and half until it has answered once.
 */
export function createDomainPlaces(connections: number, now: () => number = Date.now) {
  const mostSlow = Math.max(1, Math.floor(connections / 8));
  const mostUnknown = Math.max(1, Math.floor(connections / 2));
  /** When each message on its way to a domain entered. */
  const entered = new Map<string, readonly number[]>();
  /** Those whose last answer came in time, the one heard of last at the end. */
  const known = new Set<string>();

  const heardOf = (domain: string, ms: number): void => {
    known.delete(domain);
    if (ms < SLOW_MS) known.add(domain);
    for (const oldest of known) {
      if (known.size <= MOST_KNOWN) break;
      known.delete(oldest);
    }
  };

  return (): DomainPlaces => {
    const held: { readonly domain: string; readonly at: number }[] = [];
    return {
      enter: (domain) => {
        const times = entered.get(domain) ?? [];
        const at = now();
        if (times.filter((time) => at - time >= SLOW_MS).length >= mostSlow) return HANGING_MS;
        if (times.length >= mostUnknown && !known.has(domain)) return UNKNOWN_MS;
        entered.set(domain, [...times, at]);
        held.push({ domain, at });
        return 0;
      },
      leave: () => {
        for (const { domain, at } of held.splice(0)) {
          heardOf(domain, now() - at);
          const times = entered.get(domain) ?? [];
          const left = times.toSpliced(times.indexOf(at), 1);
          if (left.length === 0) entered.delete(domain);
          else entered.set(domain, left);
        }
      },
    };
  };
}
