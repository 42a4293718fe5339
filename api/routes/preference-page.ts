import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { LinkSigner } from '../../adapters/links/signer';
import type { Topic } from '../../config/policies/topics';
import type { Brand } from '../../domain/creatives/ports';
import type { PageContent, PreferencePageStore } from '../../store/preference-page-store';
import { changeOf } from '../pages/preferences-form';
import { renderPreferencesPage, renderUnknownPreferences } from '../pages/preferences-page';
import { RECIPIENT_CSP } from '../pages/recipient-page';
import type { App } from '../types';

export interface PreferencePageDeps {
  readonly signer: LinkSigner;
  readonly pages: PreferencePageStore;
  readonly brands: ReadonlyMap<string, Brand>;
  readonly topics: readonly Topic[];
}

const params = z.object({ token: z.string() });
const DONE = ['saved', 'off'] as const;
const query = z.object({ done: z.string().max(20).optional() });
/** A form with every box ticked has some 2 kB. */
const BODY_LIMIT_BYTES = 16 << 10;

/**
 * `/p/<token>`: what somebody wants to get, from the link of a message they got. Looking changes nothing; a POST is good
 * by the signed token in its address alone, so there is no session that another site could ride.
 */
export async function preferencePageRoutes(root: App, deps: PreferencePageDeps): Promise<void> {
  const { signer, pages, brands, topics } = deps;

  const contentOf = async (token: string): Promise<PageContent | null> => {
    const read = signer.read(token);
    return read?.kind === 'preferences' ? pages.content(read.deliveryId) : null;
  };
  const brandName = (content: PageContent): string => brands.get(content.brand)?.name ?? content.brand;

  await root.register(async (app: App) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: BODY_LIMIT_BYTES },
      (_request, body, done) => done(null, body),
    );

    app.get('/p/:token', { schema: { hide: true, params, querystring: query } }, async (request, reply) => {
      const content = await contentOf(request.params.token);
      if (content === null) return unknown(reply);
      return page(reply).send(
        renderPreferencesPage({
          content,
          brandName: brandName(content),
          topics,
          actionUrl: pathOf(request),
          done: DONE.find((one) => one === request.query.done) ?? null,
          now: new Date(),
        }),
      );
    });

    app.post('/p/:token', { schema: { hide: true, params } }, async (request, reply) => {
      const content = await contentOf(request.params.token);
      if (content === null) return unknown(reply);
      const form = new URLSearchParams(typeof request.body === 'string' ? request.body : '');
      if (form.get('everything') === 'off') {
        await pages.everythingOff(content);
        return reply.redirect(`${pathOf(request)}?done=off`, 303);
      }
      // A body without a word of the form is none of ours: as a form it would say no to every topic.
      if (!form.has('frequency')) return reply.redirect(pathOf(request), 303);
      await pages.save(content, changeOf(form, content, brandName(content), topics, new Date()));
      return reply.redirect(`${pathOf(request)}?done=saved`, 303);
    });
  });
}

const pathOf = (request: FastifyRequest): string => request.url.split('?', 1)[0] ?? '/';

const page = (reply: FastifyReply): FastifyReply =>
  reply
    .header('content-security-policy', RECIPIENT_CSP)
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8');

const unknown = (reply: FastifyReply): FastifyReply => page(reply.code(404)).send(renderUnknownPreferences());
