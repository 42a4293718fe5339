import fastify from 'fastify';
import { freePort } from '../../stack/ports';
import { escapeHtml, standInPage } from '../support/html';

export interface Shop {
  readonly url: string;
  /** Visits of landing pages by path. */
  readonly visits: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/** Where the links of a demo's mails lead: a landing page for any path, and a count of who came. */
export async function startShop({
  host = '127.0.0.1',
  port = 8027,
}: { host?: string; port?: number } = {}): Promise<Shop> {
  const visits = new Map<string, number>();
  const app = fastify({ forceCloseConnections: true });
  app.get('/favicon.ico', (_request, reply) => reply.code(204).send());
  app.get('/_visits', async () => Object.fromEntries(visits));
  app.get('/*', async (request, reply) => {
    const path = new URL(request.url, 'http://shop.example').pathname;
    visits.set(path, (visits.get(path) ?? 0) + 1);
    return reply
      .type('text/html; charset=utf-8')
      .send(
        standInPage(
          'The shop',
          'A landing page of the sandbox: the links of a demo’s mails lead here.',
          `<div class="card"><p>You came to <code>${escapeHtml(path)}</code>.</p><p class="soft">${visits.get(path) ?? 0} visits of this page so far.</p></div>`,
        ),
      );
  });
  const url = await app.listen({ host, port: await freePort(port, host) });
  return { url, visits, close: () => app.close() };
}
