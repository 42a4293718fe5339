import { namesOf } from '../activities/failure';
import { parseInteraction, type Interaction } from '../adapters/slack/interaction';
import { slackRefusal } from '../adapters/slack/slack-messenger';
import type { Decision, DecisionAnswer } from '../domain/approvals/decision';
import type { Messenger } from '../domain/approvals/ports';
import { clickWords, type ClickOutcome } from '../domain/approvals/words';
import { BoucleError } from '../domain/shared/errors';
import type { ApprovalsStore } from '../store/approvals-store';
import type { InboxRow, SlackInboxStore } from '../store/slack-inbox-store';
import { drain } from './drain';

/**
 * Hands a decision to the campaign's workflow. `kept`: no worker answered in time, the decision waits for one. Must
 * be safe to call again with the same decision id, and throw BoucleError `campaign-ended` or `not-found` where there
 * is no run to decide about.
 */
export type DeliverDecision = (campaignId: string, decision: Decision) => Promise<DecisionAnswer | 'kept'>;

export interface SlackOutboxDeps {
  readonly inbox: SlackInboxStore;
  readonly approvals: Pick<ApprovalsStore, 'standing'>;
  readonly deliver: DeliverDecision;
  readonly messenger: Pick<Messenger, 'answerPrivately'>;
  readonly log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
  /** Ends the loop; the row in hand is finished first. */
  readonly signal: AbortSignal;
  readonly pollMs?: number;
  /** Longer than a delivery and its answer may take together; a dead worker's rows wait this long. */
  readonly leaseSeconds?: number;
}

const BATCH = 10;
/** Seconds before the next attempt: 1, 2, 4… to five minutes, without end: a decision is never dropped. */
const backOffSeconds = (attempts: number): number => Math.min(300, 2 ** Math.min(attempts - 1, 9));

/** Carries on what Slack's clicks left in the inbox, until `signal`. Any number may run at once. */
export async function runSlackOutbox(deps: SlackOutboxDeps): Promise<void> {
  const { inbox, log, signal, pollMs = 250, leaseSeconds = 60 } = deps;
  await drain({
    take: (most) => inbox.claim(most, leaseSeconds),
    handle: (row) => handle(deps, row),
    most: BATCH,
    pollMs,
    signal,
    onFault: (err) => log.warn({ err }, 'slack inbox not reachable'),
  });
}

async function handle(deps: SlackOutboxDeps, row: InboxRow): Promise<void> {
  const { inbox, log } = deps;
  try {
    const interaction = parseInteraction(row.payload);
    const answer =
      interaction.kind === 'decision' ? await decide(deps, row.id, interaction) : interaction.kind;
    await inbox.settle(row.id, answer);
  } catch (error) {
    log.warn({ id: row.id, attempts: row.attempts, err: namesOf(error).name }, 'slack click put off');
    await inbox.postpone(row.id, backOffSeconds(row.attempts)).catch(() => undefined);
  }
}

async function decide(
  deps: SlackOutboxDeps,
  id: string,
  { slackUser, channel, value }: Extract<Interaction, { kind: 'decision' }>,
): Promise<string> {
  const outcome = await outcomeOf(deps, id, slackUser, value);
  const standing = await deps.approvals.standing(value.approvalId);
  const words = clickWords(value.decision, outcome, standing);
  try {
    await deps.messenger.answerPrivately(channel, slackUser, words);
  } catch (error) {
    // Refused for good (the person left the channel): the decision stands, nobody is there to be told.
    const slackError = slackRefusal(error);
    if (slackError === null) throw error;
    deps.log.warn({ id, slackError }, 'slack refused an answer');
  }
  deps.log.info({ id, campaignId: value.campaignId, outcome: codeOf(outcome) }, 'slack click handled');
  return `${codeOf(outcome)}: ${words}`;
}

async function outcomeOf(
  { inbox, deliver }: SlackOutboxDeps,
  id: string,
  slackUser: string,
  value: Extract<Interaction, { kind: 'decision' }>['value'],
): Promise<ClickOutcome> {
  const by = await inbox.approverBySlackUser(slackUser);
  if (by === null) return 'not-approver';
  try {
    return await deliver(value.campaignId, {
      decisionId: `slack.${id}`,
      decision: value.decision,
      by,
      via: 'slack',
      subjectHash: value.subjectHash,
    });
  } catch (error) {
    if (error instanceof BoucleError && (error.code === 'campaign-ended' || error.code === 'not-found'))
      return 'campaign-ended';
    throw error;
  }
}

function codeOf(outcome: ClickOutcome): string {
  if (outcome === 'not-approver') return 'approval-not-approver';
  if (typeof outcome === 'string') return outcome;
  return outcome.outcome === 'counted' ? 'counted' : outcome.refusal;
}
