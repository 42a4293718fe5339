import { setTimeout as sleep } from 'node:timers/promises';
import { WebAPIPlatformError, WebClient } from '@slack/web-api';
import type { ApprovalCard, Messenger, SlackRef } from '../../domain/approvals/ports';
import { approvalBlocks, approvalText, closedBlocks, incidentBlocks } from './approval-blocks';
import { clip, clipMrkdwn } from './mrkdwn';
import { quietSlackLogger, type SlackLog } from './slack-logger';

export interface SlackMessengerOptions {
  readonly token: string;
  /** Name (#crm-approvals) or id; answers carry the id, which is what later calls use. */
  readonly channel: string;
  /** Another address of the Web API, for tests. */
  readonly apiUrl?: string;
  readonly log: SlackLog;
}

/** Waits between attempts to show a picture just uploaded: Slack takes a moment to make it ready. */
const FILE_WAITS_MS = [250, 500, 1_000, 2_000, 4_000];

/**
 * The approval channel in Slack. A 429 is answered by waiting for its Retry-After, then trying again; three more
 * attempts follow a network fault or a 5xx. Slack has no idempotency key for posts: an attempt whose answer was
 * lost may have posted, and its retry posts again. Both messages carry the same approval, so a click on either
 * counts once.
 */
export function createSlackMessenger({ token, channel, apiUrl, log }: SlackMessengerOptions): Messenger {
  const client = new WebClient(token, {
    ...(apiUrl ? { slackApiUrl: apiUrl } : {}),
    retryConfig: { retries: 3, minTimeout: 300, factor: 2 },
    timeout: 15_000,
    allowAbsoluteUrls: true,
    logger: quietSlackLogger(log),
  });

  const post = async (args: Parameters<typeof client.chat.postMessage>[0]): Promise<SlackRef | null> => {
    const answer = await client.chat.postMessage(args);
    return answer.channel && answer.ts ? { channel: answer.channel, ts: answer.ts } : null;
  };

  return {
    async postApproval(card) {
      const files = await upload(client, card, log);
      const message = (fileIds: readonly (string | null)[]) => ({
        channel,
        text: approvalText(card),
        blocks: approvalBlocks(card, fileIds),
        unfurl_links: false,
        // Tells a second post of the same request from the first, where somebody has to look.
        metadata: { event_type: 'boucle_approval', event_payload: { approval_id: card.approvalId } },
      });
      if (files.every((id) => id === null)) return post(message(files));
      for (const waitMs of FILE_WAITS_MS) {
        try {
          return await post(message(files));
        } catch (error) {
          if (!isFileNotReady(error)) throw error;
          await sleep(waitMs);
        }
      }
      // An approval must not hang on a picture: the campaign page shows it.
      log.warn({ approvalId: card.approvalId }, 'slack pictures not ready, posting without');
      return post(message([]));
    },

    async closeApproval(ref, title, words) {
      await client.chat.update({
        channel: ref.channel,
        ts: ref.ts,
        text: clipMrkdwn(`${title}: ${words}`, 3_000),
        blocks: closedBlocks(title, words),
      });
    },

    postIncident: (incident) =>
      post({
        channel,
        text: clipMrkdwn(`Incident: ${incident.title}: ${incident.message}`, 3_000),
        blocks: incidentBlocks(incident),
        unfurl_links: false,
      }),

    postNote: (words, thread) =>
      thread
        ? post({ channel: thread.channel, thread_ts: thread.ts, text: clipMrkdwn(words, 3_000) })
        : post({ channel, text: clipMrkdwn(words, 3_000) }),

    async answerPrivately(where, slackUser, words) {
      await client.chat.postEphemeral({ channel: where, user: slackUser, text: clipMrkdwn(words, 3_000) });
    },
  };
}

/** One id per preview; null for all where Slack takes no files (a missing scope): the request still goes out. */
async function upload(client: WebClient, card: ApprovalCard, log: SlackLog): Promise<(string | null)[]> {
  const ids: (string | null)[] = [];
  for (const [index, preview] of card.previews.slice(0, 6).entries()) {
    try {
      const answer = await client.filesUploadV2({
        file: Buffer.from(preview.png),
        filename: `${card.campaignId}-${index + 1}.png`,
        title: clip(`${card.title}: ${preview.label}`, 255),
        alt_text: clip(`E-mail as ${preview.label} gets it`, 1_000),
      });
      ids.push(answer.files[0]?.files?.[0]?.id ?? null);
    } catch (error) {
      if (!(error instanceof WebAPIPlatformError)) throw error;
      log.warn({ approvalId: card.approvalId, slackError: error.data.error }, 'slack refused a picture');
      ids.push(null);
    }
  }
  return ids;
}

function isFileNotReady(error: unknown): boolean {
  if (!(error instanceof WebAPIPlatformError) || error.data.error !== 'invalid_blocks') return false;
  return (error.data.response_metadata?.messages ?? []).some((message) => message.includes('slack_file'));
}

/**
 * Slack's own code (`channel_not_found`, `invalid_auth`…) where it refused a call for good; null for what passes by
 * itself. What it refuses today it refuses tomorrow, until somebody changes the configuration.
 */
export function slackRefusal(error: unknown): string | null {
  if (!(error instanceof WebAPIPlatformError)) return null;
  return PASSING.has(error.data.error) ? null : error.data.error;
}

const PASSING = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'ratelimited',
  'rate_limited',
]);
