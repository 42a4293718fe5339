import fastify, { type FastifyInstance } from 'fastify';
import { WebClient } from '@slack/web-api';
import { parseInteraction } from '../../../adapters/slack/interaction';
import { verifySlackSignature } from '../../../adapters/slack/signature';
import { encodeButtonValue } from '../../../adapters/slack/button-value';
import { mrkdwnHtml } from '../../../sandbox/slack/page';
import { startSlackStandIn, type SlackStandIn } from '../../../sandbox/slack/stand-in';

const SECRET = 'a signing secret of a test';

interface Received {
  readonly body: string;
  readonly timestamp: string;
  readonly signature: string;
}

async function startApp(
  statuses: number[],
): Promise<{ app: FastifyInstance; url: string; received: Received[] }> {
  const received: Received[] = [];
  const app = fastify();
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, body),
  );
  app.post('/slack/interactions', async (request, reply) => {
    const header = (name: string): string => String(request.headers[name]);
    received.push({
      body: String(request.body),
      timestamp: header('x-slack-request-timestamp'),
      signature: header('x-slack-signature'),
    });
    return reply.code(statuses.shift() ?? 200).send();
  });
  return { app, url: await app.listen({ host: '127.0.0.1', port: 0 }), received };
}

const blocks = (approvalId: string) => [
  { type: 'section', text: { type: 'mrkdwn', text: 'Look' } },
  {
    type: 'actions',
    block_id: 'boucle.decision',
    elements: [
      {
        type: 'button',
        action_id: 'boucle.approve',
        style: 'primary',
        text: { type: 'plain_text', text: 'Approve' },
        value: encodeButtonValue({ campaignId: 'c1', approvalId, subjectHash: 'h', decision: 'approve' }),
      },
    ],
  },
];

describe('the person in Slack', () => {
  let slack: SlackStandIn;
  let boucle: Awaited<ReturnType<typeof startApp>>;
  const post = (approvalId: string) =>
    new WebClient(slack.token, { slackApiUrl: slack.apiUrl, allowAbsoluteUrls: false }).chat.postMessage({
      channel: '#crm-approvals',
      text: 'To approve',
      blocks: blocks(approvalId),
    });
  const clicked = async (times: number): Promise<void> => {
    const until = Date.now() + 15_000;
    // The person notes the click once it is answered, which is after it was received.
    while ((boucle.received.length < times || slack.clicks.length < times) && Date.now() < until)
      await new Promise((done) => setTimeout(done, 20));
    expect(boucle.received).toHaveLength(times);
  };
  afterEach(async () => {
    await slack.close();
    await boucle.app.close();
  });

  test('clicks Approve once, signed as Slack signs, with what Slack documents', async () => {
    boucle = await startApp([]);
    slack = await startSlackStandIn({ signingSecret: SECRET, port: 0, thinkMs: 20 });
    slack.connect(boucle.url);
    await post('a1');
    await clicked(1);
    const [{ body, timestamp, signature } = { body: '', timestamp: '', signature: '' }] = boucle.received;
    const signed = { body, timestamp, signature, secret: SECRET, nowSeconds: Math.floor(Date.now() / 1_000) };
    expect(verifySlackSignature(signed)).toBe(true);
    expect(verifySlackSignature({ ...signed, body: `${body}&x=1` })).toBe(false);
    const payload: unknown = JSON.parse(new URLSearchParams(body).get('payload') ?? '');
    expect(parseInteraction(payload)).toMatchObject({
      kind: 'decision',
      slackUser: slack.user.id,
      value: { campaignId: 'c1', approvalId: 'a1', decision: 'approve' },
    });
    expect(payload).toMatchObject({
      type: 'block_actions',
      trigger_id: expect.stringMatching(/^\d+\.\d+\.[0-9a-f]{32}$/),
      container: { type: 'message', channel_id: slack.api.channelId('crm-approvals') },
      actions: [
        {
          type: 'button',
          block_id: 'boucle.decision',
          action_id: 'boucle.approve',
          action_ts: expect.stringMatching(/^\d+\.\d{6}$/),
        },
      ],
    });
    expect(slack.clicks).toMatchObject([{ status: 200, button: 'Approve' }]);
  });

  test('clicks again where nobody takes the click', async () => {
    boucle = await startApp([503]);
    slack = await startSlackStandIn({ signingSecret: SECRET, port: 0, thinkMs: 20 });
    slack.connect(boucle.url);
    await post('a1');
    await clicked(2);
    const triggers = boucle.received.map(
      ({ body }) => JSON.parse(new URLSearchParams(body).get('payload') ?? '').trigger_id,
    );
    expect(new Set(triggers).size).toBe(2);
  });

  test('leaves alone what has no such button, and shows it', async () => {
    boucle = await startApp([]);
    slack = await startSlackStandIn({ signingSecret: SECRET, port: 0, thinkMs: 20 });
    slack.connect(boucle.url);
    const web = new WebClient(slack.token, { slackApiUrl: slack.apiUrl, allowAbsoluteUrls: false });
    await web.chat.postMessage({
      channel: '#crm-approvals',
      text: 'Only *words* <https://x.example|here> & <b>',
    });
    await new Promise((done) => setTimeout(done, 150));
    expect(boucle.received).toHaveLength(0);
    const page = await (await fetch(slack.url)).text();
    expect(page).toContain('<strong>words</strong>');
    expect(page).not.toContain('<b>');
  });
});

test('mrkdwn becomes HTML and nothing else does', () => {
  expect(mrkdwnHtml('*a* `b` <https://x.example|c&amp;d> <!date^1^{date}|noon>')).toBe(
    '<strong>a</strong> <code>b</code> <a href="https://x.example">c&#38;d</a> noon',
  );
  expect(mrkdwnHtml('<script>alert(1)</script>')).not.toContain('<script>');
});
