import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { signSlackRequest } from '../../adapters/slack/signature';
import type { SlackMessage } from './slack-api';

export interface SlackPersonOptions {
  /** Where Slack's app sends interactions, such as http://host:port/slack/interactions. */
  readonly interactionsUrl: () => string;
  readonly signingSecret: string;
  readonly user: { readonly id: string; readonly name: string };
  readonly channelName: (id: string) => string;
  /** How long they look before they click. */
  readonly thinkMs?: number;
  readonly button?: 'Approve' | 'Reject';
  readonly onClick?: (click: SlackClick) => void;
}

export interface SlackClick {
  readonly at: string;
  readonly user: string;
  readonly button: string;
  readonly messageTs: string;
  /** HTTP status of the answer; null: nobody answered. */
  readonly status: number | null;
}

interface Button {
  readonly type: 'button';
  readonly action_id: string;
  readonly value: string;
  readonly style?: string;
  readonly text: { readonly type: 'plain_text'; readonly text: string; readonly emoji?: boolean };
}

const TEAM = { id: 'T0BOUCLE01', domain: 'boucle-sandbox' };
const TRIES = 20;

/** The button of that text in a message's blocks, with the block it stands in. */
export function findButton(
  blocks: SlackMessage['blocks'],
  text: string,
): { readonly blockId: string; readonly button: Button } | null {
  for (const block of blocks) {
    if (block['type'] !== 'actions' || !Array.isArray(block['elements'])) continue;
    for (const element of block['elements']) {
      if (isButton(element) && element.text.text === text)
        return { blockId: typeof block['block_id'] === 'string' ? block['block_id'] : '', button: element };
    }
  }
  return null;
}

function isButton(element: unknown): element is Button {
  if (typeof element !== 'object' || element === null) return false;
  const { type, action_id: id, value, text } = Object.fromEntries(Object.entries(element));
  return (
    type === 'button' &&
    typeof id === 'string' &&
    typeof value === 'string' &&
    typeof text === 'object' &&
    text !== null &&
    'text' in text
  );
}

/** A `block_actions` payload as Slack documents it for a click on a button of a message. */
export function clickPayload(
  message: SlackMessage,
  found: { readonly blockId: string; readonly button: Button },
  who: {
    readonly user: SlackPersonOptions['user'];
    readonly channelName: string;
    readonly nowMs: number;
    readonly attempt: number;
  },
): Record<string, unknown> {
  const { user, nowMs } = who;
  const trigger = createHash('sha256')
    .update(`${message.ts}/${nowMs}/${who.attempt}/${found.button.action_id}`)
    .digest('hex');
  return {
    type: 'block_actions',
    user: { id: user.id, username: user.name, name: user.name, team_id: TEAM.id },
    api_app_id: 'A0BOUCLE01',
    token: 'not-used-any-more',
    container: { type: 'message', message_ts: message.ts, channel_id: message.channel, is_ephemeral: false },
    trigger_id: `${Math.floor(nowMs / 1_000)}.${parseInt(trigger.slice(0, 8), 16)}.${trigger.slice(8, 40)}`,
    team: TEAM,
    enterprise: null,
    is_enterprise_install: false,
    channel: { id: message.channel, name: who.channelName },
    message: {
      type: 'message',
      user: 'U0BOUCLEBOT',
      ts: message.ts,
      text: message.text,
      team: TEAM.id,
      blocks: message.blocks,
    },
    state: { values: {} },
    response_url: `https://hooks.slack.example/actions/${TEAM.id}/${trigger.slice(0, 12)}`,
    actions: [
      {
        action_id: found.button.action_id,
        block_id: found.blockId,
        text: found.button.text,
        value: found.button.value,
        ...(found.button.style === undefined ? {} : { style: found.button.style }),
        type: 'button',
        action_ts: (nowMs / 1_000).toFixed(6),
      },
    ],
  };
}

/**
 * Somebody in the channel: a second or so after an approval is posted they click. Where the app does not answer, Slack
 * shows a warning sign and people click again: so does this one, for a while.
 */
export function createSlackPerson(options: SlackPersonOptions): {
  onMessage(message: SlackMessage, change: 'posted' | 'updated'): void;
} {
  const { user, signingSecret } = options;
  const label = options.button ?? 'Approve';

  const click = async (message: SlackMessage): Promise<void> => {
    for (let attempt = 1; attempt <= TRIES; attempt += 1) {
      const found = findButton(message.blocks, label);
      // The buttons are gone: somebody else was faster.
      if (found === null) return;
      const nowMs = Date.now();
      const payload = clickPayload(message, found, {
        user,
        channelName: options.channelName(message.channel),
        nowMs,
        attempt,
      });
      const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
      const timestamp = String(Math.floor(nowMs / 1_000));
      const status = await fetch(options.interactionsUrl(), {
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
          'x-slack-request-timestamp': timestamp,
          'x-slack-signature': signSlackRequest({ secret: signingSecret, timestamp, body }),
        },
        // Slack waits three seconds.
        signal: AbortSignal.timeout(3_000),
      }).then(
        async (answer) => {
          await answer.arrayBuffer();
          return answer.status;
        },
        () => null,
      );
      options.onClick?.({
        at: new Date(nowMs).toISOString(),
        user: user.name,
        button: label,
        messageTs: message.ts,
        status,
      });
      if (status === 200) return;
      await sleep(2_000);
    }
  };

  return {
    onMessage(message, change) {
      if (change !== 'posted' || findButton(message.blocks, label) === null) return;
      void sleep(options.thinkMs ?? 1_200).then(() => click(message));
    },
  };
}
