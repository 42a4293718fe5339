import { ApplicationFailure } from '@temporalio/common';
import { BoucleError } from '../domain/shared/errors';

/**
 * Runs an activity's work. A BoucleError is somebody's to act on: retrying would say the same, so it becomes a
 * non-retryable failure whose type is the code. Anything else passes as it is, to be retried.
 */
export async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asFailure(error);
  }
}

export const asFailure = (error: unknown): unknown =>
  error instanceof BoucleError ? ApplicationFailure.nonRetryable(error.message, error.code) : error;
