import { setTimeout as sleep } from 'node:timers/promises';
import { createApprovalsActivities } from '../../../activities/approvals';
import { createLogMessenger } from '../../../adapters/slack/log-messenger';
import { createTemporalOrchestrator } from '../../../api/temporal-orchestrator';
import { createApprovalsStore } from '../../../store/approvals-store';
import { seedCampaign } from '../../store/slack/seed-campaign';
import { apiUnderTest, type ApiUnderTest } from '../../support/api';
import { localEnv } from '../../support/temporal';
import { openHarness, withCampaign, type Harness } from '../../workflow/support/campaign-harness';

let harness: Harness;
let api: ApiUnderTest;
beforeAll(async () => {
  harness = await openHarness(localEnv);
  api = await apiUnderTest({ orchestrator: createTemporalOrchestrator(async () => harness.env.client) });
}, 120_000);
afterAll(async () => {
  await api?.close();
  await harness?.close();
});

/** Asks until there is an answer. */
async function until<T>(ask: () => Promise<T | null>): Promise<T> {
  for (const giveUp = Date.now() + 20_000; Date.now() < giveUp; await sleep(5)) {
    const answer = await ask();
    if (answer !== null) return answer;
  }
  throw new Error('nothing came of it');
}

test.each([
  ['at once', 0],
  ['before its campaign has heard of it', 1_500],
])(
  'what GET shows as waiting may be decided %s, while its pictures are still made',
  async (_when, lateMs) => {
    const sql = api.database.db.app;
    const campaignId = await seedCampaign(sql);
    const log = { info: () => undefined, warn: () => undefined };
    let pictures = (): void => undefined;
    const made = new Promise<void>((resolve) => (pictures = resolve));
    const real = createApprovalsActivities({
      approvals: createApprovalsStore(sql),
      messenger: createLogMessenger(log),
      previews: async () => {
        await made;
        return [];
      },
      pageUrl: (id) => `http://boucle.test/campaigns/${id}`,
      log,
    });
    const activities = {
      requestApproval: async (asked: Parameters<typeof real.requestApproval>[0]) => {
        const approval = await real.requestApproval({ ...asked, campaignId });
        await sleep(lateMs);
        return approval;
      },
      announceApproval: real.announceApproval,
      recordDecision: real.recordDecision,
      closeApproval: real.closeApproval,
    };
    await withCampaign(harness, { activities }, async ({ handle, result }) => {
      await sql`update campaigns set workflow_id = ${handle.workflowId} where id = ${campaignId}`;
      const shown = await until(async () => {
        const { approval } = (await api.call('GET', `/v1/campaigns/${campaignId}`)).json<{
          approval: { id: string; subjectHash: string } | null;
        }>();
        return approval;
      });
      const answer = await api.call('POST', `/v1/campaigns/${campaignId}/decisions`, {
        as: 'approver',
        body: { decision: 'approve', subjectHash: shown.subjectHash },
      });
      expect([answer.statusCode, answer.json()]).toEqual([
        200,
        { outcome: 'counted', state: 'approved', missing: 0 },
      ]);
      const standing = await until(async () => {
        const now = await createApprovalsStore(sql).standing(shown.id);
        return now?.state === 'waiting' ? null : now;
      });
      expect(standing).toEqual({ state: 'approved', by: 'approver' });
      pictures();
      await result();
    });
  },
);
