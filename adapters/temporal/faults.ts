import {
  isGrpcServiceError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  ScheduleNotFoundError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { ERROR_CATALOGUE, type ErrorCode } from '../../domain/shared/error-catalogue';
import { BoucleError } from '../../domain/shared/errors';

/** gRPC's own number of it. */
const INVALID_ARGUMENT = 3;

const isCode = (code: string): code is ErrorCode => Object.hasOwn(ERROR_CATALOGUE, code);

/** Any error of Temporal's client as a fault with a code. `serverAnswers`: the server did, just after. */
export function faultOfTemporal(error: unknown, serverAnswers: boolean): BoucleError {
  if (error instanceof BoucleError) return error;
  const refused = causesOf(error).find((cause) => cause instanceof ApplicationFailure);
  if (
    refused !== undefined &&
    (error instanceof WorkflowUpdateFailedError || error instanceof WorkflowFailedError)
  ) {
    const code = refused.type ?? '';
    return new BoucleError(isCode(code) ? code : 'internal', refused.message);
  }
  if (error instanceof WorkflowNotFoundError)
    return new BoucleError('campaign-ended', 'Temporal has no open run of it.');
  if (error instanceof ScheduleNotFoundError)
    return new BoucleError('conflict', 'Temporal has no such schedule any more.');
  if (causesOf(error).some((cause) => isGrpcServiceError(cause) && Number(cause.code) === INVALID_ARGUMENT)) {
    return new BoucleError('invalid-request', 'Temporal does not take this as it is.');
  }
  return serverAnswers
    ? new BoucleError('worker-unavailable', 'No worker answered in time.')
    : new BoucleError('temporal-unavailable', 'Temporal does not answer.');
}

function causesOf(error: unknown): Error[] {
  const causes: Error[] = [];
  for (let at = error; at instanceof Error && causes.length < 10; at = at.cause) causes.push(at);
  return causes;
}
