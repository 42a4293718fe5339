import {
  ApplicationFailure,
  CancelledFailure,
  DefaultFailureConverter,
  DefaultPayloadConverter,
} from '@temporalio/common';
import { asFailure, namesOf } from '../../../activities/failure';
import { BoucleError } from '../../../domain/shared/errors';

const postgresError = (): Error =>
  Object.assign(new Error('invalid input "anne@exemple.fr"\n    at anne@exemple.fr:1:2'), {
    name: 'PostgresError',
    code: '23505',
    detail: 'Key (email)=(anne@exemple.fr) already exists.',
    table_name: 'people',
    constraint_name: 'people_email_key',
    parameters: ['anne@exemple.fr'],
    cause: new Error('anne@exemple.fr'),
  });

test('a foreign error leaves its names and codes in the history, and is retried', () => {
  const failure = asFailure(postgresError());
  expect(failure).toMatchObject({
    message: 'PostgresError 23505 people people_email_key',
    type: 'PostgresError',
    nonRetryable: false,
  });
  expect(failure).toBeInstanceOf(ApplicationFailure);
  const kept = new DefaultFailureConverter().errorToFailure(failure, new DefaultPayloadConverter());
  expect(kept.message).toBe('PostgresError 23505 people people_email_key');
  expect(JSON.stringify(kept)).not.toMatch(/anne|exemple|already exists/);
});

test('the log gets names and codes alone', () => {
  expect(namesOf(postgresError())).toEqual({
    name: 'PostgresError',
    code: '23505',
    table: 'people',
    constraint: 'people_email_key',
  });
  expect(namesOf(ApplicationFailure.nonRetryable('bob@exemple.fr', 'csv-unreadable'))).toEqual({
    name: 'ApplicationFailure',
    type: 'csv-unreadable',
  });
});

test.each<[unknown, string, string]>([
  [
    Object.assign(new Error('write to 10.0.0.1'), { code: 'CONNECTION_CLOSED' }),
    'Error CONNECTION_CLOSED',
    'CONNECTION_CLOSED',
  ],
  [Object.assign(new Error('bob@exemple.fr'), { code: 'no <bob@exemple.fr>' }), 'Error', 'Error'],
  [Object.assign(new Error('x'), { name: 'bob@exemple.fr' }), 'Error', 'Error'],
  [Object.assign(new Error('x'), { code: 14 }), 'Error 14', '14'],
  [new TypeError('bob@exemple.fr is not iterable'), 'TypeError', 'TypeError'],
  ['bob@exemple.fr', 'Error', 'Error'],
  [undefined, 'Error', 'Error'],
])('%# names', (error, message, type) => {
  expect(asFailure(error)).toMatchObject({ message, type, nonRetryable: false });
});

test('faults of ours end the retries; what Temporal itself says passes as it is', () => {
  expect(asFailure(new BoucleError('conflict', 'it runs'))).toMatchObject({
    message: 'it runs',
    type: 'conflict',
    nonRetryable: true,
  });
  const cancelled = new CancelledFailure('told to stop');
  expect(asFailure(cancelled)).toBe(cancelled);
  const busy = ApplicationFailure.retryable('busy', 'shard-busy');
  expect(asFailure(busy)).toBe(busy);
});
