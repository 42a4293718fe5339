import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { InAppSessions } from '../../adapters/links/in-app-session';
import type { InAppSession } from '../../domain/delivery/ports';
import { profileRefSchema } from '../../domain/events/event';
import { BoucleError } from '../../domain/shared/errors';
import type { InAppStore } from '../../store/in-app-store';
import { IN_APP_SCRIPT } from '../pages/in-app-script';
import { keySchema } from '../schemas/common';
import type { App } from '../types';

/** As long as somebody's visit; the application's server asks for another when it is over. */
const SESSION_SECONDS = 3_600;
const HAPPENINGS = ['shown', 'clicked', 'dismissed'] as const;

const inAppMessage = z
  .object({
    id: z.int(),
    placement: z.string(),
    title: z.string(),
    body: z.string(),
    ctaLabel: z.string(),
    ctaUrl: z.string(),
    locale: z.string(),
    transparent: z.boolean().describe('The neutral words, for who has not agreed to being profiled.'),
  })
  .meta({ id: 'InAppMessage' });

export interface InAppDeps {
  readonly inApp: Pick<InAppStore, 'next' | 'happened'>;
  readonly sessions: InAppSessions;
  readonly brands: ReadonlySet<string>;
  readonly resolve: (ref: z.infer<typeof profileRefSchema>) => Promise<number | null>;
  readonly now?: () => Date;
}

/** Messages inside somebody's application: its server opens a session, its pages ask with the session's token. */
export async function inAppRoutes(root: App, deps: InAppDeps): Promise<void> {
  const { inApp, sessions } = deps;
  const now = deps.now ?? (() => new Date());

  root.post(
    '/v1/in-app/sessions',
    {
      // Nothing is kept: not audited, or each visit of everybody would be a row.
      config: { roles: ['editor'], computation: true, secretAnswer: true },
      schema: {
        tags: ['in-app'],
        summary: "A short-lived token for one person's session in one brand's application",
        body: z.strictObject({ profile: profileRefSchema, brand: keySchema }),
        response: { 200: z.object({ token: z.string(), expiresAt: z.date() }) },
      },
    },
    async ({ body: { profile, brand } }) => {
      if (!deps.brands.has(brand))
        throw new BoucleError('not-found', 'No such brand.', [{ path: '/brand', message: 'no such brand' }]);
      const profileId = await deps.resolve(profile);
      if (profileId === null)
        throw new BoucleError('not-found', 'Nobody is known by that.', [
          { path: '/profile', message: 'no such profile' },
        ]);
      const expiresAt = new Date(now().getTime() + SESSION_SECONDS * 1_000);
      return { token: sessions.seal({ profileId, brand }, expiresAt), expiresAt };
    },
  );

  root.get('/in-app.js', { schema: { hide: true } }, async (_request, reply) =>
    reply
      .headers({ 'cache-control': 'public, max-age=3600', 'cross-origin-resource-policy': 'cross-origin' })
      .type('text/javascript; charset=utf-8')
      .send(IN_APP_SCRIPT),
  );

  await root.register(async (app: App) => {
    // Any site may ask: the token is the only key, and no cookie goes along.
    app.addHook('onRequest', async (_request, reply) => {
      void reply.headers({
        'access-control-allow-origin': '*',
        'access-control-allow-headers': 'authorization',
        'access-control-allow-methods': 'GET, POST',
        'access-control-max-age': '86400',
        'cross-origin-resource-policy': 'cross-origin',
      });
    });
    for (const url of ['/in-app/messages', '/in-app/messages/:id/:what']) {
      app.options(url, { schema: { hide: true } }, async (_request, reply) => reply.code(204).send());
    }

    app.get(
      '/in-app/messages',
      {
        schema: {
          tags: ['in-app'],
          summary: 'The message for this placement, if there is one; `Authorization: Bearer <session token>`',
          querystring: z.strictObject({
            placement: keySchema,
            context: keySchema.optional().describe('What the session declares itself to be.'),
          }),
          response: { 200: z.object({ message: inAppMessage.nullable() }) },
        },
      },
      async (request) => {
        const { placement, context } = request.query;
        return { message: await inApp.next(sessionOf(request), placement, context ?? null) };
      },
    );

    for (const what of HAPPENINGS) {
      app.post(
        `/in-app/messages/:id/${what}`,
        {
          schema: {
            tags: ['in-app'],
            summary: `The message was ${what}; said again, it counts once`,
            // A proof's number is negative.
            params: z.object({
              id: z.coerce.number().int().min(Number.MIN_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER),
            }),
            response: { 204: z.null() },
          },
        },
        async (request, reply) => {
          const known = await inApp.happened(sessionOf(request), request.params.id, what, now());
          if (!known) throw new BoucleError('not-found', 'This session has no such message.');
          return reply.code(204).send(null);
        },
      );
    }
  });

  function sessionOf({ headers }: Pick<FastifyRequest, 'headers'>): InAppSession {
    const [, token = ''] = /^Bearer (\S+)$/i.exec(headers.authorization ?? '') ?? [];
    const session = sessions.open(token, now());
    if (session === null)
      throw new BoucleError('unauthenticated', 'The session token is missing or has run out.');
    return session;
  }
}
