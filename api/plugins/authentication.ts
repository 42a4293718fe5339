import { BoucleError } from '../../domain/shared/errors';
import { impliedRoles } from '../../domain/shared/roles';
import type { Role } from '../../domain/shared/words';
import type { AccessStore } from '../../store/access-store';
import type { App, Principal } from '../types';

const isVersioned = (url: string): boolean => url === '/v1' || url.startsWith('/v1/');

/** API keys on everything under /v1. Elsewhere each door has its own lock. */
export function registerAuthentication(app: App, access: AccessStore): void {
  app.decorateRequest('principal', null);

  app.addHook('onRoute', ({ url, method, config }) => {
    if (isVersioned(url) && (config?.roles === undefined || config.roles.length === 0)) {
      throw new Error(`${String(method)} ${url} declares no roles`);
    }
  });

  app.addHook('onRequest', async (request) => {
    const { url, config } = request.routeOptions;
    if (url === undefined || !isVersioned(url)) return;
    const [, key] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    const known = key === undefined ? null : await access.authenticate(key);
    if (known === null)
      throw new BoucleError('unauthenticated', 'The API key is missing, unknown or revoked.');
    request.principal = {
      name: known.principal,
      keyId: known.id,
      roles: impliedRoles(known.roles),
    };
    if (!may(request.principal, config.roles ?? [])) {
      throw new BoucleError(
        config.refusal ?? 'forbidden',
        `This takes one of the roles ${(config.roles ?? []).join(', ')}.`,
      );
    }
  });
}

const may = (principal: Principal, roles: readonly Role[]): boolean =>
  roles.some((role) => principal.roles.has(role));

/** Who calls, on a route under /v1. */
export function principalOf(request: { readonly principal: Principal | null }): Principal {
  if (request.principal === null) throw new BoucleError('unauthenticated', 'The API key is missing.');
  return request.principal;
}
