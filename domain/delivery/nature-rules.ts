import type { Nature, Purpose } from '../shared/words';

/**
 * `opt-in`: only who said yes, and whose yes has not run out. `opt-out`: everybody but who said no.
 * null: the message is owed (a legal notice) and nobody can refuse it.
 */
export interface ConsentRule {
  readonly purpose: Purpose;
  readonly kind: 'opt-in' | 'opt-out';
}

export interface NatureRule {
  readonly consent: ConsentRule | null;
  /**
   * The population kept out of all campaigns does not get it: asked when the audience is frozen and at the gate. Service and
   * official messages go to people because of what they have or owe: nobody is held out of them.
   */
  readonly holdout: boolean;
  /** Frequency caps may refuse it. A message outside the caps is counted among the contacts all the same. */
  readonly caps: boolean;
  /** Waits for the hours its channel may be used in, and for the end of a pause the person asked for. */
  readonly quietHours: boolean;
  /** Carries one-click unsubscribe (RFC 8058). */
  readonly unsubscribe: boolean;
  /**
   * May sell: carries the persona's line, offer and mood. Service and official messages say their own words alone; an
   * offer in them would make them advertising, which needs a consent nobody asked for (article L34-5 CPCE).
   */
  readonly commercial: boolean;
}

/**
 * What freeze and gate apply, by what the message is: the one table that decides. Suppression of dead and complaining
 * addresses and reachability are not in it because nothing is exempt from them.
 */
export const NATURE_RULES = {
  promotion: {
    consent: { purpose: 'promotion', kind: 'opt-in' },
    holdout: true,
    caps: true,
    quietHours: true,
    unsubscribe: true,
    commercial: true,
  },
  newsletter: {
    consent: { purpose: 'newsletter', kind: 'opt-in' },
    holdout: true,
    caps: true,
    quietHours: true,
    unsubscribe: true,
    commercial: true,
  },
  survey: {
    consent: { purpose: 'survey', kind: 'opt-in' },
    holdout: true,
    caps: true,
    quietHours: true,
    unsubscribe: true,
    commercial: true,
  },
  service: {
    consent: { purpose: 'service', kind: 'opt-out' },
    holdout: false,
    caps: false,
    quietHours: false,
    unsubscribe: true,
    commercial: false,
  },
  official: {
    consent: null,
    holdout: false,
    caps: false,
    quietHours: false,
    unsubscribe: false,
    commercial: false,
  },
} as const satisfies Record<Nature, NatureRule>;

export const natureRule = (nature: Nature): NatureRule => NATURE_RULES[nature];
