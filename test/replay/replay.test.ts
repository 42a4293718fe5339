import { readdirSync, readFileSync } from 'node:fs';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { ENDS } from '../../domain/shared/words';
import { workflowBundle } from '../support/temporal';
import { HISTORIES, type RecordedHistory } from './support/record';

const files = readdirSync(HISTORIES).filter((file) => file.endsWith('.json'));
const read = (file: string): string => readFileSync(`${HISTORIES}/${file}`, 'utf8');

beforeAll(() => {
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { filter: 'ERROR', forward: {} } },
  });
});

/** Replays without a server; answers the errors by file. */
async function replay(recorded: { file: string; json: string }[]): Promise<Map<string, Error>> {
  const errors = new Map<string, Error>();
  const histories = recorded.map(({ file, json }) => {
    const { workflowId, history }: RecordedHistory = JSON.parse(json);
    return { file, workflowId, history: historyFromJSON(history) };
  });
  const bundle = await workflowBundle();
  const results = Worker.runReplayHistories({ workflowBundle: bundle }, histories);
  let index = 0;
  for await (const result of results) {
    const file = histories[index++]?.file ?? 'unknown';
    if (result.error) errors.set(file, result.error);
  }
  expect(index).toBe(recorded.length);
  return errors;
}

test('there is a history of every end', () => {
  expect(files).toEqual(expect.arrayContaining(ENDS.map((end) => `${end}.json`)));
});

test('every recorded history replays', async () => {
  const errors = await replay(files.map((file) => ({ file, json: read(file) })));
  expect(Object.fromEntries(errors)).toEqual({});
});

test('a tampered history does not', async () => {
  const json = read('completed.json');
  const tampered = json.replace('"freezeAudience"', '"thawAudience"');
  expect(tampered === json).toBe(false);
  const errors = await replay([{ file: 'tampered', json: tampered }]);
  expect(errors.get('tampered')?.name).toBe('DeterminismViolationError');
});
