import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createApprovalsActivities } from '../../../activities/approvals';
import { createSlackMessenger } from '../../../adapters/slack/slack-messenger';
import { createLogMessenger } from '../../../adapters/slack/log-messenger';
import { createApprovalsStore } from '../../../store/approvals-store';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { startSlackDouble } from '../../support/slack-double';
import { seedCampaign } from './seed-campaign';

let fresh: FreshDatabase;
let slack: Awaited<ReturnType<typeof startSlackDouble>>;
let warned: object[];
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.close());
beforeEach(async () => {
  slack = await startSlackDouble();
  warned = [];
});
afterEach(() => slack.close());

const log = { info: () => undefined, warn: (fields: object) => void warned.push(fields) };
const activities = (
  messenger = createSlackMessenger({
    token: 'xoxb-test',
    channel: '#crm-approvals',
    apiUrl: slack.apiUrl,
    log,
  }),
) =>
  createApprovalsActivities({
    approvals: createApprovalsStore(fresh.db.app),
    messenger,
    previews: async () =>
      Array.from({ length: 9 }, (_, i) => ({
        label: `Persona ${i}`,
        subject: 'Bonjour',
        png: Uint8Array.from([1, i]),
      })),
    pageUrl: (id) => `http://127.0.0.1:8080/campaigns/${id}`,
    log,
  });
const request = (campaignId: string, subjectHash = 'h1') => ({
  campaignId,
  subjectHash,
  deadlineSeconds: 3_600,
});
/** Asked for and announced, as a campaign does it. */
const asked = async (campaignId: string, acts = activities()) => {
  const approval = await acts.requestApproval(request(campaignId));
  await acts.announceApproval({ campaignId, approvalId: approval.approvalId });
  return approval;
};
const decision = {
  decisionId: 'd1',
  decision: 'approve' as const,
  by: 'camille',
  via: 'rest' as const,
  subjectHash: 'h1',
};

describe('approval activities', () => {
  test('asking again answers the same and posts once, with at most six pictures', async () => {
    const campaignId = await seedCampaign(fresh.db.app, { audience: true });
    const first = await asked(campaignId);
    expect(await asked(campaignId)).toEqual(first);
    expect(slack.messages).toHaveLength(1);
    expect(slack.files.size).toBe(6);
    expect(slack.messages[0]?.text).toContain('Relance de printemps');
    expect(Math.abs(Date.parse(first.deadlineAt) - Date.now() - 3_600_000)).toBeLessThan(10_000);
  });

  test('a reminder goes in the thread; after the decision there is none', async () => {
    const campaignId = await seedCampaign(fresh.db.app);
    const { approvalId } = await asked(campaignId);
    await activities().remindApproval({ campaignId, approvalId });
    expect(slack.messages.map((m) => m.threadTs)).toEqual([null, slack.messages[0]?.ts]);
    await activities().closeApproval({
      campaignId,
      approvalId,
      state: 'approved',
      words: 'Approved by camille.',
    });
    await activities().remindApproval({ campaignId, approvalId });
    expect(slack.messages).toHaveLength(2);
  });

  test('closing twice leaves the first outcome in the database and in Slack', async () => {
    const campaignId = await seedCampaign(fresh.db.app);
    const { approvalId } = await asked(campaignId);
    await activities().recordDecision({
      campaignId,
      approvalId,
      decision: { ...decision, decisionId: `d.${campaignId}` },
      outcome: 'counted',
    });
    await activities().closeApproval({
      campaignId,
      approvalId,
      state: 'approved',
      words: 'Approved by camille.',
    });
    await activities().closeApproval({
      campaignId,
      approvalId,
      state: 'approved',
      words: 'Approved by camille.',
    });
    await activities().closeApproval({ campaignId, approvalId, state: 'expired', words: 'Nobody decided.' });
    const blocks = JSON.stringify(slack.messages[0]?.blocks);
    expect(blocks).toContain('Approved by camille.');
    expect(blocks).not.toContain('"actions"');
    expect(await createApprovalsStore(fresh.db.app).standing(approvalId)).toEqual({
      state: 'approved',
      by: 'camille',
    });
  });

  test('a channel that is not there holds nothing up; the reminder posts once it is', async () => {
    const campaignId = await seedCampaign(fresh.db.app);
    slack.refuse('chat.postMessage', 'not_in_channel', 1);
    const { approvalId } = await asked(campaignId);
    expect(slack.messages).toHaveLength(0);
    expect(warned).toEqual(
      expect.arrayContaining([expect.objectContaining({ slackError: 'not_in_channel' })]),
    );
    await activities().remindApproval({ campaignId, approvalId });
    expect(slack.messages.map((m) => m.threadTs)).toEqual([null]);
  });

  test('an outage of Slack is a fault to be retried, and the approval is not asked for twice', async () => {
    const campaignId = await seedCampaign(fresh.db.app);
    slack.refuse('chat.postMessage', 'internal_error', 1);
    await expect(asked(campaignId)).rejects.toThrow();
    await asked(campaignId);
    const [row] = await fresh.db.app<
      { n: number }[]
    >`select count(*) as n from approvals where campaign_id = ${campaignId}`;
    expect([row?.n, slack.messages.length]).toEqual([1, 1]);
  });

  test('decided while its pictures were made, the message has no buttons; afterwards none is posted', async () => {
    const campaignId = await seedCampaign(fresh.db.app);
    const messenger = createSlackMessenger({
      token: 'xoxb-test',
      channel: '#crm-approvals',
      apiUrl: slack.apiUrl,
      log,
    });
    const { approvalId } = await activities().requestApproval(request(campaignId));
    const close = () =>
      activities().closeApproval({
        campaignId,
        approvalId,
        state: 'approved',
        words: 'Approved by camille.',
      });
    const slow = activities({
      ...messenger,
      postApproval: async (card) => {
        await close();
        return messenger.postApproval(card);
      },
    });
    await slow.announceApproval({ campaignId, approvalId });
    const blocks = JSON.stringify(slack.messages[0]?.blocks);
    expect(blocks).toContain('approved already');
    expect(blocks).not.toContain('"actions"');
    await activities().announceApproval({ campaignId, approvalId });
    expect(slack.messages).toHaveLength(1);
  });

  test('without Slack the approval waits for REST', async () => {
    const campaignId = await seedCampaign(fresh.db.app);
    const acts = activities(createLogMessenger(log));
    const { approvalId } = await asked(campaignId, acts);
    await acts.remindApproval({ campaignId, approvalId });
    await acts.closeApproval({ campaignId, approvalId, state: 'rejected', words: 'Rejected by camille.' });
    expect((await createApprovalsStore(fresh.db.app).standing(approvalId))?.state).toBe('rejected');
  });

  test('a campaign that is not there is a fault that is not retried', async () => {
    await expect(activities().requestApproval(request('cnowhere'))).rejects.toMatchObject({
      type: 'not-found',
      nonRetryable: true,
    });
  });
});
