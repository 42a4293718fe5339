import { ERROR_CATALOGUE, type ErrorCode } from './error-catalogue';

/** Where in the input the fault is, as a JSON pointer (`/audience/segment`), and what is wrong there. */
export interface Fault {
  readonly path: string;
  readonly message: string;
}

/**
 * A fault somebody outside can do something about. Routes turn it into problem+json, activities into an
 * ApplicationFailure; both keep `code`, which is stable and documented in docs/errors.md.
 */
export class BoucleError extends Error {
  override readonly name = 'BoucleError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly faults: readonly Fault[] = [],
  ) {
    super(message);
  }

  /** HTTP status of this code, from the catalogue. */
  get status(): number {
    return ERROR_CATALOGUE[this.code].status;
  }
}
