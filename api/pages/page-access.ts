import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { App } from '../types';
import type { SendPage, Viewer } from './layout';
import { isLoopback, type PagesDeps } from './pages-deps';
import { cookieValue, openSession, sealSession, SESSION_COOKIE, SESSION_SECONDS, setCookie } from './session';
import { bouncePage, signInPage } from './sign-in-page';

const signInForm = z.object({ key: z.string().max(400), next: z.string().max(400).catch('/campaigns') });

/** Who may read the pages, and what becomes of everybody else. */
export function createPageAccess(deps: PagesDeps) {
  const nowSeconds = (): number => Math.floor((deps.now ?? Date.now)() / 1_000);
  const secure = deps.publicUrl.startsWith('https:');

  return {
    async viewerOf(request: FastifyRequest): Promise<Viewer | null> {
      const sealed = cookieValue(request.headers.cookie, SESSION_COOKIE);
      const keyId = sealed === null ? null : openSession(deps.linkSecret, sealed, nowSeconds());
      // A key that is revoked closes its sessions at once.
      const principal = keyId === null ? null : await deps.pages.viewer(keyId);
      if (principal !== null) return { kind: 'key', principal };
      // The name in the address bar too: behind a proxy, or under a name made to lead here, one has to sign in.
      return deps.anonymous && isLoopback(request.hostname) ? { kind: 'this-machine' } : null;
    },

    turnAway(request: FastifyRequest, reply: FastifyReply): FastifyReply {
      if (/\/live(\?|$)/.test(request.url)) return reply.code(401).type('text/plain').send('sign in');
      const path = localPath(request.url);
      if (request.headers['sec-fetch-site'] === 'cross-site') {
        return reply.type('text/html; charset=utf-8').send(bouncePage(path));
      }
      return reply.redirect(`/campaigns/sign-in?next=${encodeURIComponent(path)}`, 303);
    },

    routes(scope: App, send: SendPage): void {
      const options = { schema: { hide: true } };
      scope.get<{ Querystring: { next?: string } }>('/campaigns/sign-in', options, async (request, reply) =>
        send(reply, null, 'Sign in', signInPage(localPath(String(request.query.next ?? '')), false)),
      );
      scope.post('/campaigns/sign-in', options, async (request, reply) => {
        const form = signInForm.safeParse(request.body);
        const next = localPath(form.data?.next ?? '');
        const key = form.success ? await deps.access.authenticate(form.data.key.trim()) : null;
        if (key === null || key.roles.length === 0)
          return send(reply.code(401), null, 'Sign in', signInPage(next, true));
        const sealed = sealSession(deps.linkSecret, key.id, nowSeconds());
        return reply.header('set-cookie', setCookie(sealed, SESSION_SECONDS, secure)).redirect(next, 303);
      });
      scope.post('/campaigns/sign-out', options, async (_request, reply) =>
        reply.header('set-cookie', setCookie('', 0, secure)).redirect('/campaigns/sign-in', 303),
      );
    },
  };
}

/** A path of these pages, whatever was asked for: a sign-in must not lead anybody elsewhere. */
const localPath = (path: string): string =>
  /^\/campaigns(?:[/?][\w/?=&.:-]*)?$/.test(path) &&
  !path.includes('//') &&
  !path.startsWith('/campaigns/sign-')
    ? path
    : '/campaigns';
