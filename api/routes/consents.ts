import { z } from 'zod';
import { CONSENT_ACTIONS } from '../../domain/consent/consent';
import { consentInputSchema, CONSENTS_MAX } from '../../domain/consent/consent-input';
import { holdsAt, replayConsents } from '../../domain/consent/replay';
import { BoucleError } from '../../domain/shared/errors';
import { plausibleInstant } from '../../domain/shared/time';
import type { ConsentIntakeStore } from '../../store/consent-intake-store';
import type { ConsentStore } from '../../store/consent-store';
import { takeConsents, takenSchema } from '../consent-batch';
import { checkedByRoute, parseAs } from '../parse';
import { principalOf } from '../plugins/authentication';
import { profileParams } from '../schemas/profile-params';
import type { App } from '../types';

/** A thousand consents with words of the usual length. */
const BODY_LIMIT_BYTES = 8 << 20;

const stateSchema = z.object({
  purpose: z.string(),
  channel: z.string(),
  granted: z.boolean(),
  expiresAt: z.date().nullable(),
  holds: z
    .boolean()
    .describe('Granted and not expired at that moment. What is not in the list does not hold.'),
  at: z.date(),
  eventId: z.int().describe('The event it rests on.'),
});

const eventSchema = z.object({
  id: z.int(),
  purpose: z.string(),
  channel: z.string(),
  action: z.enum(CONSENT_ACTIONS),
  legalBasis: z.string(),
  at: z.date(),
  expiresAt: z.date().nullable(),
  source: z.string(),
  externalId: z.string().nullable(),
  wordingSha256: z.string().nullable(),
  locale: z.string().nullable(),
  evidence: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  recordedBy: z.string(),
  recordedAt: z.date(),
});

const consentsSchema = z
  .object({ profileId: z.int(), at: z.date(), state: z.array(stateSchema), history: z.array(eventSchema) })
  .meta({ id: 'Consents' });

const wordingSchema = z
  .object({ sha256: z.string(), text: z.string(), locale: z.string(), createdAt: z.date() })
  .meta({ id: 'Wording' });

const listed = z.array(z.unknown()).min(1).max(CONSENTS_MAX);

export interface ConsentsDeps {
  readonly consents: ConsentStore;
  readonly intake: ConsentIntakeStore;
}

export function consentsRoutes(app: App, { consents, intake }: ConsentsDeps): void {
  app.get(
    '/v1/profiles/:id/consents',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['consents'],
        summary: 'What somebody has said about being contacted, with its proof, and what it comes to',
        params: profileParams,
        querystring: z.strictObject({
          at: plausibleInstant.optional().describe('What held at this moment; left out: now.'),
        }),
        response: { 200: consentsSchema },
      },
    },
    async ({ params, query }) => {
      const history = await consents.history(params.id);
      if (history === null) throw new BoucleError('not-found', 'No such profile.');
      const at = query.at === undefined ? new Date() : new Date(query.at);
      const state = query.at === undefined ? await consents.of(params.id) : replayConsents(history, at);
      return {
        profileId: params.id,
        at,
        state: state.map((one) => ({ ...one, holds: holdsAt(one, at) })),
        history: history.map((event) => ({ ...event, evidence: { ...event.evidence } })),
      };
    },
  );

  app.post(
    '/v1/consents',
    {
      bodyLimit: BODY_LIMIT_BYTES,
      config: { roles: ['editor'] },
      schema: {
        tags: ['consents'],
        summary: `One consent or up to ${CONSENTS_MAX}; one that does not fit is named and takes no other with it`,
        body: checkedByRoute(
          z.union([consentInputSchema, z.array(consentInputSchema).min(1).max(CONSENTS_MAX)]),
        ),
        response: { 200: takenSchema },
      },
    },
    async (request) => {
      const body: unknown = request.body;
      const items = parseAs(
        'invalid-request',
        'A consent, or a list of them.',
        listed,
        Array.isArray(body) ? body : [body],
      );
      const { accepted, duplicates, rejected } = await takeConsents(
        intake,
        items,
        principalOf(request).name,
        {
          base: '',
          schema: consentInputSchema,
        },
      );
      return {
        accepted,
        duplicates,
        rejected: rejected.map((one) => ({ ...one, faults: [...one.faults] })),
      };
    },
  );

  app.get(
    '/v1/consents/wordings/:sha',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['consents'],
        summary: 'The exact words people were shown, by their SHA-256',
        params: z.object({ sha: z.string().regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits, lower case') }),
        response: { 200: wordingSchema },
      },
    },
    async ({ params }) => {
      const wording = await consents.wording(params.sha);
      if (wording === null) throw new BoucleError('not-found', 'No words with this hash are kept.');
      return wording;
    },
  );
}
