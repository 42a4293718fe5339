import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createSlackMessenger, slackRefusal } from '../../../adapters/slack/slack-messenger';
import { startSlackDouble } from '../../support/slack-double';
import { card } from './card';

const log = { info: () => undefined, warn: () => undefined };
let slack: Awaited<ReturnType<typeof startSlackDouble>>;
const messenger = (token = 'xoxb-test', channel = '#crm-approvals') =>
  createSlackMessenger({ token, channel, apiUrl: slack.apiUrl, log });

beforeEach(async () => {
  slack = await startSlackDouble({ filesNotReady: 2 });
});
afterEach(() => slack.close());

describe('Slack over HTTP', () => {
  test('posts the approval with its pictures once they are ready, and answers where it is', async () => {
    const ref = await messenger().postApproval(card());
    expect(ref).toEqual({ channel: slack.channelId('crm-approvals'), ts: slack.messages[0]?.ts });
    expect(slack.messages).toHaveLength(1);
    expect(slack.messages[0]?.blocks.filter((b) => b['type'] === 'image')).toHaveLength(2);
    expect([...slack.files.values()].map((f) => Buffer.from(f.bytes))).toEqual(
      card().previews.map((p) => Buffer.from(p.png)),
    );
    expect(slack.messages[0]?.text).toContain('Relance des paniers');
    expect(slack.messages[0]?.metadata).toMatchObject({ event_payload: { approval_id: card().approvalId } });
  });

  test('posts without pictures where Slack takes none', async () => {
    slack.refuse('files.getUploadURLExternal', 'missing_scope', 9);
    await messenger().postApproval(card());
    expect(slack.messages[0]?.blocks.some((b) => b['type'] === 'image')).toBe(false);
  });

  test('waits for Retry-After', async () => {
    slack.rateLimit(1, 1);
    const begun = Date.now();
    await messenger().postNote('bonjour');
    expect(Date.now() - begun).toBeGreaterThanOrEqual(1_000);
    expect(slack.messages.map((m) => m.text)).toEqual(['bonjour']);
  });

  test('closing takes the buttons off and says what was decided', async () => {
    const ref = await messenger().postApproval(card({ previews: [] }));
    if (ref === null) throw new Error('not posted');
    await messenger().closeApproval(ref, 'Relance', 'Approved by camille.');
    const message = slack.message(ref.channel, ref.ts);
    expect(message?.edited).toBe(true);
    expect(JSON.stringify(message?.blocks)).toContain('Approved by camille.');
    expect(message?.blocks.some((b) => b['type'] === 'actions')).toBe(false);
  });

  test('incident, note in a thread, private answer', async () => {
    const m = messenger();
    const incident = await m.postIncident({
      campaignId: 'c1',
      title: 'Guardrail',
      message: '1.2 % unsubscribed',
      pageUrl: 'http://x/',
    });
    if (incident === null) throw new Error('not posted');
    await m.postNote('Toujours en attente.', incident);
    await m.answerPrivately(incident.channel, 'U123', 'Already approved by camille.');
    expect(slack.messages.map((x) => x.threadTs)).toEqual([null, incident.ts]);
    expect(slack.ephemerals).toEqual([
      { channel: incident.channel, user: 'U123', text: 'Already approved by camille.' },
    ]);
  });

  test('a refusal keeps the code of Slack, an outage has none', async () => {
    await expect(messenger('xoxb-wrong').postNote('x')).rejects.toThrow();
    const code = await messenger('xoxb-wrong').postNote('x').catch(slackRefusal);
    expect(code).toBe('invalid_auth');
    expect(await messenger('xoxb-test', '#nowhere').postNote('x').catch(slackRefusal)).toBe(
      'channel_not_found',
    );
    slack.refuse('chat.postMessage', 'internal_error', 1);
    expect(await messenger().postNote('x').catch(slackRefusal)).toBeNull();
  });
});
