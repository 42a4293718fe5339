import type { Approval, ApprovalsStore } from '../../store/approvals-store';
import { MAX_PREVIEWS, type ApprovalCard, type Messenger } from '../../domain/approvals/ports';
import { BoucleError } from '../../domain/shared/errors';
import { slackRefusal } from '../../adapters/slack/slack-messenger';
import type { ApprovalsActivities } from '../contract';
import { guarded } from '../failure';

export interface ApprovalsDeps {
  readonly approvals: ApprovalsStore;
  readonly messenger: Messenger;
  /** Pictures of what would be sent, the most telling first; at most MAX_PREVIEWS are shown. */
  readonly previews: (campaignId: string) => Promise<ApprovalCard['previews']>;
  readonly pageUrl: (campaignId: string) => string;
  readonly log: { warn(fields: object, message: string): void };
}

export function createApprovalsActivities(deps: ApprovalsDeps): ApprovalsActivities {
  const { approvals, messenger, log } = deps;

  /**
   * Posts the request and keeps where. A worker that dies between the two posts it again: Slack cannot be asked for
   * a message by our id without the right to read the channel. Both messages then carry the same approval: a click
   * on either counts once, and the one that is not kept answers "already decided" afterwards.
   */
  async function post(approval: Approval): Promise<void> {
    const facts = await approvals.cardFacts(approval.campaignId);
    if (facts === null) throw new BoucleError('not-found', 'no such campaign');
    const previews = await deps.previews(approval.campaignId);
    const ref = await reachable(approval, () =>
      messenger.postApproval({
        ...facts,
        campaignId: approval.campaignId,
        approvalId: approval.id,
        subjectHash: approval.subjectHash,
        previews: previews.slice(0, MAX_PREVIEWS),
        pageUrl: deps.pageUrl(approval.campaignId),
        deadlineAt: approval.deadlineAt.toISOString(),
      }),
    );
    if (!ref) return;
    await approvals.setSlackRef(approval.id, ref);
    // Decided meanwhile by another door: its closing found no message, so this one is closed here.
    const standing = await approvals.standing(approval.id);
    if (standing === null || standing.state === 'waiting') return;
    const words = `It is ${standing.state} already.`;
    await reachable(approval, () => messenger.closeApproval(ref, facts.title, words));
  }

  /** What Slack refuses for good (a wrong channel or token) must not hold a campaign up: REST decides too. */
  async function reachable<T>(approval: Approval, work: () => Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch (error) {
      const slackError = slackRefusal(error);
      if (slackError === null) throw error;
      log.warn(
        { campaignId: approval.campaignId, approvalId: approval.id, slackError },
        'slack refused a message',
      );
      return null;
    }
  }

  return {
    requestApproval: (input) =>
      guarded(async () => {
        const approval = await approvals.request(input);
        if (approval === null) throw new BoucleError('not-found', 'no such campaign');
        return { approvalId: approval.id, deadlineAt: approval.deadlineAt.toISOString() };
      }),

    announceApproval: ({ approvalId }) =>
      guarded(async () => {
        const approval = await approvals.get(approvalId);
        if (approval?.state === 'waiting' && approval.slack === null) await post(approval);
      }),

    // Safe to repeat: at worst a reminder is said twice.
    remindApproval: ({ approvalId }) =>
      guarded(async () => {
        const approval = await approvals.get(approvalId);
        if (approval === null || approval.state !== 'waiting') return;
        if (approval.slack === null) return post(approval);
        const thread = approval.slack;
        const words = `Still waiting for a decision. Without one before ${approval.deadlineAt.toISOString()} the campaign ends unsent.`;
        await reachable(approval, () => messenger.postNote(words, thread));
      }),

    recordDecision: ({ approvalId, decision, outcome }) =>
      guarded(() => approvals.recordDecision(approvalId, decision, outcome)),

    // Safe to repeat: the state is set once, and the message is replaced by the same words.
    closeApproval: ({ approvalId, state, words }) =>
      guarded(async () => {
        const approval = await approvals.close(approvalId, state);
        if (approval === null || approval.state !== state || approval.slack === null) return;
        const ref = approval.slack;
        const facts = await approvals.cardFacts(approval.campaignId);
        await reachable(approval, () =>
          messenger.closeApproval(ref, facts?.title ?? approval.campaignId, words),
        );
      }),
  };
}
