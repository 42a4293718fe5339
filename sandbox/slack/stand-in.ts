import { randomBytes } from 'node:crypto';
import fastify from 'fastify';
import { freePort } from '../../stack/ports';
import { slackPage } from './page';
import { createSlackPerson, type SlackClick } from './person';
import { createSlackApi, type SlackApi } from './slack-api';

export interface SlackStandInOptions {
  readonly signingSecret: string;
  readonly host?: string;
  readonly port?: number;
  readonly user?: { readonly id: string; readonly name: string };
  readonly thinkMs?: number;
  readonly button?: 'Approve' | 'Reject';
  readonly onClick?: (click: SlackClick) => void;
}

export interface SlackStandIn {
  readonly api: SlackApi;
  /** The page. */
  readonly url: string;
  /** What SLACK_API_URL takes. */
  readonly apiUrl: string;
  readonly token: string;
  readonly user: { readonly id: string; readonly name: string };
  readonly clicks: readonly SlackClick[];
  /** Where Boucle's api is; clicks before that are tried again. */
  connect(boucleUrl: string): void;
  close(): Promise<void>;
}

/** Slack's Web API in memory, a page of its channel, and a person in it who approves. */
export async function startSlackStandIn(options: SlackStandInOptions): Promise<SlackStandIn> {
  const { host = '127.0.0.1', port = 8026, user = { id: 'U0SANDBOX1', name: 'claire.martin' } } = options;
  const token = `xoxb-sandbox-${randomBytes(12).toString('hex')}`;
  const clicks: SlackClick[] = [];
  let boucleUrl = 'http://127.0.0.1:9';
  const channelName = (id: string): string => (id === api.channelId('crm-approvals') ? 'crm-approvals' : id);
  const person = createSlackPerson({
    interactionsUrl: () => `${boucleUrl}/slack/interactions`,
    signingSecret: options.signingSecret,
    user,
    channelName,
    ...(options.thinkMs === undefined ? {} : { thinkMs: options.thinkMs }),
    ...(options.button === undefined ? {} : { button: options.button }),
    onClick: (click) => {
      clicks.push(click);
      options.onClick?.(click);
    },
  });
  const api = createSlackApi({ token, onMessage: (message, change) => person.onMessage(message, change) });
  const app = fastify({ forceCloseConnections: true });
  await app.register(api.plugin);
  await app.register(async (pages) => {
    pages.get('/', (_request, reply) =>
      reply.type('text/html; charset=utf-8').send(slackPage(api, clicks, user.name)),
    );
    pages.get('/messages', async () => ({ messages: api.messages, ephemerals: api.ephemerals, clicks }));
    pages.get<{ Params: { id: string } }>('/files/:id', (request, reply) => {
      const file = api.files.get(request.params.id);
      return file ? reply.type('image/png').send(Buffer.from(file.bytes)) : reply.code(404).send();
    });
  });
  const url = await app.listen({ host, port: await freePort(port, host) });
  return {
    api,
    url,
    apiUrl: `${url}/api/`,
    token,
    user,
    clicks,
    connect: (to) => {
      boucleUrl = to;
    },
    close: () => app.close(),
  };
}
