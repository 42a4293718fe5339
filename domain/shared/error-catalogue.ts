/**
 * Every error code there is. docs/errors.md is generated from here; a code once released keeps its meaning.
 * `status` is the HTTP status a route answers with, `retry` whether the same call may work later.
 */
export const ERROR_CATALOGUE = {
  'invalid-request': {
    status: 400,
    retry: false,
    help: 'The body, query or path does not have the documented shape; `faults` names each place.',
  },
  unauthenticated: { status: 401, retry: false, help: 'Send `Authorization: Bearer <api key>`.' },
  forbidden: { status: 403, retry: false, help: 'The key is good but its roles do not allow this.' },
  'not-found': { status: 404, retry: false, help: 'There is no such thing, or not any more.' },
  conflict: {
    status: 409,
    retry: false,
    help: 'The thing is not in a state that allows this; the message says which state it is in.',
  },
  'idempotency-running': {
    status: 409,
    retry: true,
    help: 'A call with this Idempotency-Key is still running; ask again in a moment.',
  },
  'idempotency-mismatch': {
    status: 422,
    retry: false,
    help: 'This Idempotency-Key was used with another body within 24 hours.',
  },
  'too-large': { status: 413, retry: false, help: 'The body is larger than this endpoint takes.' },
  'report-too-long': {
    status: 422,
    retry: false,
    help: 'It asks the database for more than a call may wait for: ask for less, such as fewer clauses about events.',
  },
  'unsupported-media-type': {
    status: 415,
    retry: false,
    help: 'The Content-Type is not one this endpoint takes.',
  },
  'too-many-requests': {
    status: 429,
    retry: true,
    help: 'Slow down and try again after `Retry-After` seconds.',
  },
  'bad-signature': { status: 401, retry: false, help: 'The signature or its timestamp does not hold.' },
  'scenario-invalid': {
    status: 422,
    retry: false,
    help: 'The scenario cannot be run as it stands; `faults` names each reason.',
  },
  'scenario-not-validated': {
    status: 409,
    retry: false,
    help: 'Only a validated version of a scenario can be started.',
  },
  'offer-in-use': {
    status: 409,
    retry: false,
    help: 'A persona matrix names the offer; `faults` names the rows.',
  },
  'segment-cycle': { status: 422, retry: false, help: 'The segments name each other in a circle.' },
  'segment-not-simulated': {
    status: 409,
    retry: false,
    help: 'This version was never simulated: only one that was goes live.',
  },
  'segment-in-use': {
    status: 409,
    retry: false,
    help: 'Something still uses the segment; `faults` names what.',
  },
  'segment-invalid': {
    status: 422,
    retry: false,
    help: 'The rule is not one the rule language knows; `faults` names each place.',
  },
  'segment-unknown': { status: 422, retry: false, help: 'No segment has this key.' },
  'matrix-four-eyes': {
    status: 403,
    retry: false,
    help: 'Whoever wrote some of what a version of the persona matrix changes cannot approve it, nor its author reject it.',
  },
  'matrix-invalid': {
    status: 422,
    retry: false,
    help: 'The persona matrix has faults; each names its line and column.',
  },
  'mapping-invalid': { status: 422, retry: false, help: 'The import mapping has faults.' },
  'mapping-unknown': { status: 422, retry: false, help: 'No import mapping has this key: PUT it first.' },
  'import-unwritable': {
    status: 422,
    retry: false,
    help: 'A row passed every check and still cannot be stored: the fault is ours, and the import has ended there.',
  },
  'csv-unreadable': {
    status: 422,
    retry: false,
    help: 'The file is not CSV in UTF-8 with the mapped columns in its header.',
  },
  'audience-empty': {
    status: 422,
    retry: false,
    help: 'Nobody is left in the audience after the exclusions.',
  },
  'audience-already-frozen': {
    status: 409,
    retry: false,
    help: 'The audience of this campaign is already frozen.',
  },
  'approval-stale': {
    status: 409,
    retry: false,
    help: 'What is shown has changed since: the decision was for another version.',
  },
  'approval-four-eyes': { status: 403, retry: false, help: 'The author of a campaign cannot approve it.' },
  'approval-not-approver': { status: 403, retry: false, help: 'This person is not among the approvers.' },
  'approval-decided': {
    status: 409,
    retry: false,
    help: 'It is already decided; the message says how and by whom.',
  },
  'approval-not-waiting': { status: 409, retry: false, help: 'The campaign is not waiting for an approval.' },
  'campaign-ended': { status: 409, retry: false, help: 'The campaign has ended and takes no more commands.' },
  'schedule-in-past': { status: 422, retry: false, help: 'The start lies in the past.' },
  'worker-unavailable': {
    status: 503,
    retry: true,
    help: 'No worker answered in time. The command is kept where it can be; try again.',
  },
  'temporal-unavailable': {
    status: 503,
    retry: true,
    help: 'Temporal does not answer. Nothing was started.',
  },
  'database-unavailable': { status: 503, retry: true, help: 'PostgreSQL does not answer.' },
  'configuration-invalid': {
    status: 500,
    retry: false,
    help: 'An environment key has a value that cannot be used; docs/environment.md describes each.',
  },
  internal: { status: 500, retry: true, help: 'A fault of ours. The request id finds it in the log.' },
} as const satisfies Record<string, { status: number; retry: boolean; help: string }>;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;
