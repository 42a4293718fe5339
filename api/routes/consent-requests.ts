import { z } from 'zod';
import { localeSchema, wordingSchema } from '../../domain/consent/consent-input';
import { profileRefSchema, type ProfileRef } from '../../domain/events/event';
import { BoucleError } from '../../domain/shared/errors';
import { storableText } from '../../domain/shared/text';
import { CHANNELS, PURPOSES } from '../../domain/shared/words';
import type { ConsentRequestsStore } from '../../store/consent-requests-store';
import type { MessagesStore } from '../../store/messages-store';
import { principalOf } from '../plugins/authentication';
import { idSchema, keySchema } from '../schemas/common';
import type { App } from '../types';

const requestBody = z.strictObject({
  profile: profileRefSchema,
  purpose: z.enum(PURPOSES),
  channel: z.enum(CHANNELS),
  brand: keySchema,
  wording: wordingSchema.describe('The words the person is asked to agree to.'),
  locale: localeSchema.default('fr'),
  source: storableText(120).min(1).default('double-opt-in').describe('Where the person asked for it.'),
  campaign: idSchema.describe('A triggered campaign whose message has the variable confirmUrl.'),
});

export interface ConsentRequestsDeps {
  readonly requests: ConsentRequestsStore;
  readonly messages: Pick<MessagesStore, 'create'>;
  readonly resolve: (ref: ProfileRef) => Promise<number | null>;
  readonly brands: ReadonlySet<string>;
  /** Without a slash at its end. */
  readonly publicUrl: string;
}

/** Double opt-in: asks by a message through the gate; the consent is given by who opens its link and confirms. */
export function consentRequestsRoutes(app: App, deps: ConsentRequestsDeps): void {
  const { requests, messages, resolve, brands, publicUrl } = deps;

  app.post(
    '/v1/consents/requests',
    {
      config: { roles: ['editor'] },
      schema: {
        tags: ['consents'],
        summary: 'Asks somebody to confirm a consent (double opt-in); until then nothing is given',
        body: requestBody,
        response: {
          202: z.object({
            requestId: z.string(),
            profileId: z.int(),
            messageId: z.string(),
            expiresAt: z.date().describe('The link is good until then.'),
          }),
        },
      },
    },
    async (request, reply) => {
      const { profile, campaign, ...asked } = request.body;
      if (!brands.has(asked.brand)) throw refused('/brand', 'no such brand', 'There is no such brand.');
      const profileId = await resolve(profile);
      if (profileId === null) throw refused('/profile', 'no such profile', 'Nobody is known by that.');
      const by = principalOf(request).name;
      const { id, token, expiresAt } = await requests.open({ ...asked, profileId, recordedBy: by });
      const { messageId } = await messages
        .create({ campaignId: campaign, profileId, values: { confirmUrl: `${publicUrl}/c/${token}` }, by })
        .catch(async (fault: unknown) => {
          await requests.drop(id);
          throw fault;
        });
      await requests.sent(id, messageId);
      request.auditTarget = id;
      return reply.code(202).send({ requestId: id, profileId, messageId, expiresAt });
    },
  );
}

const refused = (path: string, message: string, words: string): BoucleError =>
  new BoucleError(path === '/profile' ? 'not-found' : 'invalid-request', words, [{ path, message }]);
