import type { Variant } from './sensitivity';

/** `alpha 0.01: no-winner (turned)`, a line each. */
export const sensitivityLines = (all: readonly Variant[], label: (arm: string) => string): string[] =>
  all.map(
    ({ what, action, arm, turned }) =>
      `${what}: ${action}${arm === null ? '' : ` ${label(arm)}`}${turned ? ' (turned)' : ''}`,
  );
