import fastify from 'fastify';
import { createSlackApi, type SlackApi, type SlackApiOptions } from '../../sandbox/slack/slack-api';

/** The Slack stand-in on a free port; `apiUrl` is what SLACK_API_URL takes. */
export async function startSlackDouble(
  options: Partial<SlackApiOptions> = {},
): Promise<SlackApi & { readonly apiUrl: string; close(): Promise<void> }> {
  const api = createSlackApi({ token: 'xoxb-test', ...options });
  const app = fastify();
  await app.register(api.plugin);
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  return { ...api, apiUrl: `${address}/api/`, close: () => app.close() };
}
