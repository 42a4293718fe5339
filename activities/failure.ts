import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { BoucleError } from '../domain/shared/errors';

/**
 * Runs an activity's work. A BoucleError is somebody's to act on: retrying would say the same, so it becomes a
 * non-retryable failure whose type is the code. Anything else is retried, and passes by its names alone.
 */
export async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asFailure(error);
  }
}

/**
 * What Temporal may keep of a fault. Its history and the log must hold no personal data, and neither the message nor
 * the `detail` of a foreign error is ours: PostgreSQL's carry row values, a mail server's the address. So no message,
 * no cause and no stack of it (a stack begins with the message): `PostgresError 23505 people_email_key`.
 */
export function asFailure(error: unknown): ApplicationFailure | CancelledFailure {
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  if (error instanceof BoucleError) return ApplicationFailure.nonRetryable(error.message, error.code);
  const { name, code, table, constraint, at } = namesOf(error);
  const words = [name, code, table, constraint, at && `at ${at}`].filter((word) => word !== undefined);
  // A driver's `Error` with a code (CONNECTION_CLOSED) says more by the code.
  return ApplicationFailure.retryable(words.join(' '), name === 'Error' ? (code ?? name) : name);
}

export interface FaultNames {
  readonly name: string;
  /** SQLSTATE, an errno's name, or what else a library calls the fault. */
  readonly code?: string;
  /** The type of an ApplicationFailure: a code of the error catalogue, or what `asFailure` made of the fault. */
  readonly type?: string;
  readonly table?: string;
  readonly constraint?: string;
  /** Where in our code it was thrown, as file:line from the project's root. */
  readonly at?: string;
}

/** The names and codes of anything thrown, and nothing else of it. */
export function namesOf(error: unknown): FaultNames {
  const code = word(error, 'code');
  const type = word(error, 'type');
  const table = word(error, 'table_name');
  const constraint = word(error, 'constraint_name');
  const at = placeOf(error);
  return {
    name: word(error, 'name') ?? 'Error',
    ...(code === undefined ? {} : { code }),
    ...(type === undefined ? {} : { type }),
    ...(table === undefined ? {} : { table }),
    ...(constraint === undefined ? {} : { constraint }),
    ...(at === undefined ? {} : { at }),
  };
}

/** The first frame that is ours. Frames are lines of their own after the message, so none of it comes along. */
const FRAME =
  /^ {4}at (?!.*\/test\/).*?[/(]((?:activities|adapters|api|config|domain|store|worker)\/[\w./-]+:\d+):\d+\)?$/m;

function placeOf(error: unknown): string | undefined {
  const stack: unknown =
    typeof error === 'object' && error !== null ? Reflect.get(error, 'stack') : undefined;
  return typeof stack === 'string' ? FRAME.exec(stack)?.[1] : undefined;
}

/** Only what looks like an identifier: whatever a library puts there, no address and no sentence is one. */
const IDENTIFIER = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/;

/** By its fields, not its class: errors of a workflow's sandbox are of another realm. */
function word(error: unknown, field: string): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const value: unknown = Reflect.get(error, field);
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && IDENTIFIER.test(text) ? text : undefined;
}
