import { z } from 'zod';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type {} from '@fastify/swagger';
import { BoucleError } from '../../domain/shared/errors';
import type { PageCreativeContent } from '../../store/campaign-page-store';
import { loggable, toBoucleError } from '../plugins/errors';
import { readTest } from '../finished-test';
import type { App } from '../types';
import { campaignPage, campaignParts } from './campaign-page';
import { creativePage } from './creative-page';
import type { Html } from './html';
import { page, SCRIPT_PATH, STYLE_PATH, type SendPage, type Viewer } from './layout';
import { listPage, listParts } from './list-page';
import { createPageAccess } from './page-access';
import { createPageData, listKey } from './page-data';
import type { PagesDeps } from './pages-deps';
import { sampleMessage, sampleTitle } from './sample-message';
import { PAGE_SCRIPT } from './script';
import { messagePage } from './sign-in-page';
import type { LiftMeasure } from '../../store/experiments/holdout-lift';
import { holdoutPage, holdoutsPage } from './holdout-page';
import { testPage } from './test-page';
import { PAGE_STYLE } from './style';

interface OfCampaign {
  Params: { id: string };
}
interface OfCreative {
  Params: { id: string; creativeId: string };
}

/** Server-rendered pages under /campaigns: read-only, no personal data, nothing loaded from elsewhere. */
export async function pagesRoutes(app: App, deps: PagesDeps): Promise<void> {
  await app.register(async (plugin) => registerPages(plugin, deps));
}

function registerPages(scope: App, deps: PagesDeps): void {
  const access = createPageAccess(deps);
  const data = createPageData(deps);
  const pictures = `'self' data: ${new URL(deps.publicUrl).origin}`;
  const policy = `default-src 'none'; style-src 'self'; script-src 'self'; img-src ${pictures}; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;
  // A message is markup somebody wrote: it gets an origin of its own, no script, and pictures only.
  const messagePolicy = `sandbox allow-popups; default-src 'none'; img-src ${pictures}; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'`;
  const options = { schema: { hide: true } };

  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: 4_096 },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );
  scope.addHook('onRequest', async (_request, reply) => {
    void reply.headers({
      'content-security-policy': policy,
      'cache-control': 'private, no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
    });
  });

  const send: SendPage = (reply, viewer, title, body, live) =>
    reply
      .type('text/html; charset=utf-8')
      .send(page({ title, viewer, body, temporalUiUrl: deps.temporal.uiUrl, ...(live ? { live } : {}) }));

  scope.setErrorHandler(async (error, request, reply) => {
    if (toBoucleError(error).code === 'not-found') {
      return send(
        reply.code(404),
        null,
        'Not found',
        messagePage('Not found', 'There is no such thing, or not any more.'),
      );
    }
    const { code, status, message } = toBoucleError(error);
    if (status >= 500) {
      request.log.error({ code, fault: loggable(error) }, 'page failed');
      const words = `The fault is ours. Request ${request.id} finds it in the log.`;
      return send(reply.code(status), null, 'Fault', messagePage('Something went wrong', words));
    }
    return send(reply.code(status), null, 'Refused', messagePage('That cannot be read', message));
  });

  /** Runs `work` for somebody who may read; turns anybody else away. */
  const reading =
    <R extends FastifyRequest>(
      work: (viewer: Viewer, request: R, reply: FastifyReply) => Promise<FastifyReply>,
    ) =>
    async (request: R, reply: FastifyReply): Promise<FastifyReply> => {
      const viewer = await access.viewerOf(request);
      return viewer === null ? access.turnAway(request, reply) : work(viewer, request, reply);
    };
  const creativeOf = async ({ id, creativeId }: OfCreative['Params']): Promise<PageCreativeContent> => {
    const found = /^\d{1,15}$/.test(creativeId) ? await deps.pages.creative(id, Number(creativeId)) : null;
    if (found === null) throw new BoucleError('not-found', 'No such creative.');
    return found;
  };

  access.routes(scope, send);
  scope.get(STYLE_PATH, options, async (_request, reply) =>
    asset(reply, 'text/css; charset=utf-8', PAGE_STYLE),
  );
  scope.get(SCRIPT_PATH, options, async (_request, reply) =>
    asset(reply, 'text/javascript; charset=utf-8', PAGE_SCRIPT),
  );

  scope.get(
    '/campaigns',
    options,
    reading(async (viewer, request, reply) => {
      const key = listKey(request.query);
      return send(reply, viewer, 'Campaigns', listPage(await data.list(key)), `/campaigns/live?${key}`);
    }),
  );
  scope.get(
    '/campaigns/live',
    options,
    reading(async (_viewer, request, reply) =>
      fragment(reply, listParts(await data.list(listKey(request.query)))),
    ),
  );
  scope.get<OfCampaign>(
    '/campaigns/:id',
    options,
    reading<FastifyRequest<OfCampaign>>(async (viewer, request, reply) => {
      const found = await data.campaign(request.params.id);
      return send(
        reply,
        viewer,
        found.campaign.name,
        campaignPage(found),
        `/campaigns/${found.campaign.id}/live`,
      );
    }),
  );
  scope.get<{ Params: { key: string } }>(
    '/experiments/:key',
    options,
    reading<FastifyRequest<{ Params: { key: string } }>>(async (viewer, request, reply) => {
      const test = await deps.tests.get(request.params.key);
      if (test === null) throw new BoucleError('not-found', 'No such test.');
      return send(reply, viewer, test.name, testPage(readTest(test)));
    }),
  );
  scope.get(
    '/holdouts',
    options,
    reading(async (viewer, _request, reply) =>
      send(reply, viewer, 'The programme', holdoutsPage(await deps.holdouts.list())),
    ),
  );
  scope.get<{ Params: { key: string } }>(
    '/holdouts/:key',
    options,
    reading<FastifyRequest<{ Params: { key: string } }>>(async (viewer, request, reply) => {
      const { key } = request.params;
      const measure = measureOf(request.query);
      const counted = await deps.holdouts.months(key, measure);
      if (counted === null) throw new BoucleError('not-found', 'No such holdout.');
      return send(reply, viewer, key, holdoutPage(key, counted, measure));
    }),
  );
  scope.get<OfCampaign>(
    '/campaigns/:id/live',
    options,
    reading<FastifyRequest<OfCampaign>>(async (_viewer, request, reply) =>
      fragment(reply, campaignParts(await data.campaign(request.params.id))),
    ),
  );
  scope.get<OfCreative>(
    '/campaigns/:id/creatives/:creativeId',
    options,
    reading<FastifyRequest<OfCreative>>(async (viewer, request, reply) => {
      const [creative, { campaign, scenario }] = await Promise.all([
        creativeOf(request.params),
        data.campaign(request.params.id),
      ]);
      const said = sampleMessage(creative);
      return send(reply, viewer, sampleTitle(creative), creativePage(campaign, creative, scenario, said));
    }),
  );
  scope.get<OfCreative>(
    '/campaigns/:id/creatives/:creativeId/message',
    options,
    reading<FastifyRequest<OfCreative>>(async (_viewer, request, reply) => {
      const { html } = sampleMessage(await creativeOf(request.params));
      void reply.headers({ 'content-security-policy': messagePolicy, 'x-frame-options': 'SAMEORIGIN' });
      return reply.type('text/html; charset=utf-8').send(html);
    }),
  );
}

const fragment = (reply: FastifyReply, body: Html): FastifyReply =>
  reply.type('text/html; charset=utf-8').send(body.text);

const asset = (reply: FastifyReply, type: string, text: string): FastifyReply =>
  reply.header('cache-control', 'public, max-age=86400').type(type).send(text);

const measureQuery = z.object({
  event: z.string().min(1).max(60).catch('purchase'),
  kind: z.enum(['share', 'amount']).catch('share'),
});

/** What a holdout's page counts: purchases, where nothing else is asked for. */
function measureOf(query: unknown): LiftMeasure {
  const { event, kind } = measureQuery.parse(query);
  return kind === 'share' ? { kind, event } : { kind, event, currency: 'EUR' };
}
