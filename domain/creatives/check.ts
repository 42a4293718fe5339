import type { Observations } from './observations';

export type Severity = 'blocking' | 'warning' | 'info';

export interface Finding {
  readonly check: string;
  readonly severity: Severity;
  readonly message: string;
  /** Where, in the field's own words: `subject`, `html/img[2]`. */
  readonly path?: string;
}

/** One QA check: a pure function of what was observed. Its findings carry its own name. */
export type Check = (seen: Observations) => readonly Omit<Finding, 'check'>[];
