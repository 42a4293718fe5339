import { WorkflowNotFoundError, type WorkflowExecutionStatusName } from '@temporalio/client';
import { reconcileCampaigns } from '../../../worker/reconcile';

test('a campaign that throws does not block those behind it', async () => {
  const started: string[] = [];
  const ended: string[] = [];
  const warned: object[] = [];
  const runs: Record<string, () => WorkflowExecutionStatusName> = {
    'w-broken': () => {
      throw new TypeError('anne@exemple.fr');
    },
    'w-lost': () => {
      throw new WorkflowNotFoundError('gone', 'w-lost', undefined);
    },
    'w-unstartable': () => {
      throw new WorkflowNotFoundError('gone', 'w-unstartable', undefined);
    },
    'w-wired': () => 'TERMINATED',
    'w-terminated': () => 'TERMINATED',
    'w-running': () => 'RUNNING',
  };
  const ids = ['broken', 'unstartable', 'wired', 'lost', 'running', 'terminated'];
  const count = await reconcileCampaigns({
    client: {
      workflow: {
        getHandle: (id) => ({ describe: async () => ({ status: { name: runs[id]?.() ?? 'RUNNING' } }) }),
      },
    },
    campaigns: {
      open: async () => ids.map((id) => ({ id, workflowId: `w-${id}` })),
      setHold: async () => {},
      end: async (id) => {
        ended.push(id);
      },
    },
    startRun: async (id) => {
      if (id === 'unstartable') throw new RangeError('no');
      started.push(id);
    },
    closeAborted: async (id) => {
      if (id === 'wired') throw new Error('messages are on the wire');
    },
    log: { warn: (fields) => warned.push(fields) },
  });
  expect([count, started, ended]).toEqual([1, ['lost'], ['terminated']]);
  expect(warned.slice(0, 3)).toEqual([
    { campaignId: 'broken', err: 'TypeError' },
    { campaignId: 'unstartable', err: 'RangeError' },
    { campaignId: 'wired', err: 'Error' },
  ]);
});
