import type { DeliveryStore } from '../../store/delivery-store';

class Killed extends Error {
  override readonly name = 'Killed';
}

/** A store whose process dies at its n-th statement, before it or just after: from then on nothing reaches the database. */
export function dyingStore(
  real: DeliveryStore,
  killAt: number,
  afterIt: boolean,
): { store: DeliveryStore; died: () => boolean } {
  let statements = 0;
  let dead = false;
  const fatal =
    <A extends unknown[], T>(work: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      if (dead) throw new Killed();
      statements += 1;
      if (statements !== killAt) return work(...args);
      dead = true;
      if (afterIt) await work(...args);
      throw new Killed();
    };
  const silent =
    <A extends unknown[]>(work: (...args: A) => Promise<void>) =>
    async (...args: A): Promise<void> => {
      if (!dead) await fatal(work)(...args).catch(() => {});
    };
  return {
    store: {
      ...real,
      reclaim: fatal(real.reclaim),
      reclaimEntries: fatal(real.reclaimEntries),
      reclaimMessages: fatal(real.reclaimMessages),
      claim: fatal(real.claim),
      claimMessages: fatal(real.claimMessages),
      turn: fatal(real.turn),
      cleared: fatal(real.cleared),
      recipientsFor: fatal(real.recipientsFor),
      defer: fatal(real.defer),
      takeTokens: fatal(real.takeTokens),
      backOff: fatal(real.backOff),
      skipRest: fatal(real.skipRest),
      recordOutcomes: silent(real.recordOutcomes),
      release: silent(real.release),
    },
    died: () => dead,
  };
}
