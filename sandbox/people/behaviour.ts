import type { MailHabits } from '../audience/demo-mapping';
import { seededUnit } from '../support/seeded';
import type { Rates } from './rates';

export interface Person {
  readonly customerKey: string;
  /** Lower case. */
  readonly email: string;
  readonly kind: string;
}

export interface Deed {
  readonly event: string;
  readonly valueCents: number | null;
  readonly currency: string | null;
}

/** What somebody does with one mail. */
export interface MailDeeds {
  readonly reads: boolean;
  readonly loadsPictures: boolean;
  readonly followsLink: boolean;
  readonly unsubscribes: boolean;
}

/**
 * What people do, all of it from (seed, customerKey): the same person does the same however often it is asked, and
 * in whatever order. One draw serves every event type, so that whoever buys has visited, and each rate is exact.
 */
export interface Behaviour {
  deeds(person: Person, arm: string | null): Deed[];
  withMail(person: Person, arm: string | null): MailDeeds;
}

export function createBehaviour(rates: Rates, habits: MailHabits, seed: string): Behaviour {
  const draw = (person: Person, what: string): number => seededUnit(seed, person.customerKey, what);

  const deeds = (person: Person, arm: string | null): Deed[] => {
    const unit = draw(person, 'answer');
    return rates.events.flatMap((event): Deed[] => {
      if (unit >= rates.rate(event, arm, person.kind)) return [];
      const value = rates.value(event, arm, person.kind, draw(person, `value of ${event}`));
      return [{ event, valueCents: value?.cents ?? null, currency: value?.currency ?? null }];
    });
  };

  return {
    deeds,
    withMail(person, arm) {
      const followsLink = deeds(person, arm).length > 0 && draw(person, 'follow') < habits.followShare;
      const unsubscribes = draw(person, 'unsubscribe') < habits.unsubscribeRate;
      const reads = followsLink || unsubscribes || draw(person, 'read') < habits.readShare;
      return {
        reads,
        followsLink,
        unsubscribes,
        loadsPictures: reads && draw(person, 'pictures') < habits.picturesShare,
      };
    },
  };
}
