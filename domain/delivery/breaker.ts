import type { Channel } from '../shared/words';
import type { SendOutcome } from './ports';
import { isProviderFault } from './retry-policy';

/**
 * Faults of a provider in a row after which sending stops and somebody is called. An outage counts once a round,
 * however many connections saw it: rounds wait longer and longer, so ten of them are about a minute and a half.
 * A silence counts for each message, because each leaves somebody of whom nobody knows.
 */
export const BREAKER_FAULTS = {
  email: 10,
  sms: 10,
  push: 10,
  'in-app': 5,
  letter: 5,
  'e-letter': 5,
} as const satisfies Record<Channel, number>;

/**
 * Faults in a row after one more round of answers. Any answer about a message, good or bad, says that the provider
 * works and starts the count again.
 */
export function faultsInARow(before: number, round: readonly SendOutcome[]): number {
  if (round.length === 0) return before;
  if (!round.every(isProviderFault)) return 0;
  const uncertain = round.filter(({ kind }) => kind === 'uncertain').length;
  return before + uncertain + (uncertain < round.length ? 1 : 0);
}
