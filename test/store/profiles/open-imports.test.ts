import { WorkflowNotFoundError, type WorkflowExecutionStatusName } from '@temporalio/client';
import { createImportsStore } from '../../../store/imports-store';
import { createOpenImportsStore } from '../../../store/open-imports-store';
import { reconcileImports } from '../../../worker/reconcile-imports';
import { freshDatabase, type FreshDatabase } from '../../support/database';

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await freshDatabase();
  await fresh.db.app`insert into import_mappings (key, definition, updated_by) values ('m', '{}', 'test')`;
});
afterAll(() => fresh.close());

async function staged(id: string, { sealed }: { sealed: boolean }): Promise<string> {
  const imports = createImportsStore(fresh.db.app);
  await imports.create({ id, mapping: 'm', filename: null, createdBy: 'test' });
  await imports.appendChunk(id, 0, Buffer.from('email\n'));
  if (sealed) await imports.seal(id, `sha-of-${id}`, 6);
  return id;
}

const standing = async () =>
  Object.fromEntries(
    (
      await fresh.db.app<{ id: string; state: string; chunks: number; error: string | null }[]>`
        select id, state, error, (select count(*) from import_chunks c where c.import_id = i.id) as chunks from imports i`
    ).map(({ id, state, chunks, error }) => [id, [state, chunks, error]]),
  );

test('a terminated one has failed, one that Temporal does not know is started, a cut off upload goes', async () => {
  const statuses: Record<string, WorkflowExecutionStatusName> = {};
  for (const [id, status] of [
    ['terminated', 'TERMINATED'],
    ['untouched', 'TERMINATED'],
    ['reading', 'RUNNING'],
    ['unknown', null],
  ] as const) {
    await staged(id, { sealed: true });
    if (status !== null) statuses[`import.${id}`] = status;
  }
  await fresh.db.app`update imports set state = 'running' where id <> 'untouched'`;
  for (const id of ['cut-off', 'slow', 'just-begun']) await staged(id, { sealed: false });
  await fresh.db
    .app`update imports set created_at = now() - interval '5 hours' where id in ('cut-off', 'slow')`;
  await fresh.db
    .app`update import_chunks set received_at = now() - interval '2 hours' where import_id = 'cut-off'`;

  const started: string[] = [];
  const look = () =>
    reconcileImports({
      client: {
        workflow: {
          getHandle: (id) => ({
            describe: async () => {
              const name = statuses[id];
              if (name === undefined) throw new WorkflowNotFoundError('gone', id, undefined);
              return { status: { name } };
            },
          }),
        },
      },
      imports: createOpenImportsStore(fresh.db.app),
      startImport: async (id) => void started.push(id),
      log: { warn: () => undefined },
    });
  await look();
  expect(await standing()).toEqual({
    terminated: ['failed', 0, 'Terminated in Temporal.'],
    untouched: ['failed', 0, 'Terminated in Temporal.'],
    reading: ['running', 1, null],
    unknown: ['running', 1, null],
    'cut-off': ['failed', 0, 'The file did not arrive whole.'],
    slow: ['receiving', 1, null],
    'just-begun': ['receiving', 1, null],
  });
  expect(started).toEqual(['unknown']);
  const before = await standing();
  await look();
  expect(await standing()).toEqual(before);
});
