import { Readable } from 'node:stream';
import { z } from 'zod';
import { attributionTerms } from '../../domain/delivery/attribution';
import { BoucleError } from '../../domain/shared/errors';
import type { AttributionStore } from '../../store/attribution-store';
import type { CampaignsReadStore } from '../../store/campaigns-read-store';
import { CONTACTS, type ContactHistoryStore } from '../../store/contact-history-store';
import type { ExperimentsStore } from '../../store/experiments-store';
import type { ExplainStore } from '../../store/explain-store';
import type { DeliveryFilter, LedgerStore } from '../../store/ledger-store';
import type { ProfilesStore } from '../../store/profiles-store';
import { deliveriesCsv } from '../deliveries-csv';
import { idParams, idSchema, limitSchema, pageOf, toPage } from '../schemas/common';
import {
  attributionSchema,
  countersSchema,
  deliveryFilter,
  deliverySchema,
  explanationSchema,
  historyEntrySchema,
  type DeliveryQuery,
} from '../schemas/deliveries';
import type { App } from '../types';

export interface DeliveriesDeps {
  readonly campaigns: CampaignsReadStore;
  readonly deliveries: Pick<LedgerStore, 'list' | 'counters'>;
  readonly attribution: AttributionStore;
  readonly experiments: Pick<ExperimentsStore, 'scenario'>;
  readonly history: ContactHistoryStore;
  readonly explain: ExplainStore;
  readonly profiles: Pick<ProfilesStore, 'get'>;
}

/** What may have reached somebody counts as a contact. */
const CONTACTS_SHOWN = {
  made: ['made', 'in-doubt'],
  'not-made': ['not-made', 'not-yet'],
  all: CONTACTS,
} as const;

const profileId = z.coerce.number().int().min(1);

function filterOf(campaignId: string, query: DeliveryQuery): Omit<DeliveryFilter, 'limit'> {
  const { profile, since, ...columns } = query;
  return {
    campaignId,
    ...columns,
    profileId: profile,
    since: since === undefined ? undefined : new Date(since),
  };
}

/** What was sent to whom, why, and what became of it. Everything here is pseudonymous. */
export function deliveriesRoutes(app: App, deps: DeliveriesDeps): void {
  const { campaigns, deliveries, attribution, experiments, history, explain, profiles } = deps;

  app.get(
    '/v1/campaigns/:id/deliveries',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['campaigns'],
        summary: 'The ledger: people looked at so far, each once a step',
        params: idParams,
        querystring: deliveryFilter.extend({
          after: z.coerce.number().int().min(1).optional(),
          limit: limitSchema,
        }),
        response: { 200: pageOf(deliverySchema) },
      },
    },
    async ({ params, query: { after, limit, ...query } }) => {
      await campaigns.standing(params.id);
      const found = await deliveries.list({
        ...filterOf(params.id, query),
        afterId: after,
        limit: limit + 1,
      });
      return toPage(
        found.map((row) => ({ ...row, tried: [...row.tried] })),
        limit,
        ({ id }) => String(id),
      );
    },
  );

  app.get(
    '/v1/campaigns/:id/deliveries.csv',
    {
      config: { roles: ['editor'] },
      schema: {
        tags: ['campaigns'],
        summary: 'The same as a file, written as it is read',
        params: idParams,
        querystring: deliveryFilter,
        produces: ['text/csv'],
        response: { 200: z.any().describe('RFC 4180 in UTF-8, in the order of step and profile.') },
      },
    },
    async ({ params, query }, reply) => {
      await campaigns.standing(params.id);
      const file = deliveriesCsv((page) => deliveries.list({ ...filterOf(params.id, query), ...page }));
      return reply
        .type('text/csv; charset=utf-8')
        .header(
          'content-disposition',
          `attachment; filename="deliveries-${params.id.replace(/[^\w-]/g, '')}.csv"`,
        )
        .send(Readable.from(file));
    },
  );

  app.get(
    '/v1/campaigns/:id/counters',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['campaigns'],
        summary: 'What became of everybody, by step, wave, channel and arm; it adds up at any moment',
        params: idParams,
        response: { 200: countersSchema },
      },
    },
    async ({ params }) => {
      await campaigns.standing(params.id);
      const { total, cells } = await deliveries.counters(params.id);
      return { total, cells: [...cells] };
    },
  );

  app.get(
    '/v1/campaigns/:id/attribution',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['campaigns'],
        summary:
          'Conversions credited to the campaign: each once, to the last touch among all a person was sent',
        params: idParams,
        response: { 200: attributionSchema },
      },
    },
    async ({ params }) => {
      const { event, windowSeconds, from } = attributionTerms(await experiments.scenario(params.id));
      return { terms: { event, windowSeconds, from }, ...(await attribution.of(params.id)) };
    },
  );

  app.get(
    '/v1/campaigns/:id/explain/:profileId',
    {
      config: { roles: ['editor', 'approver'] },
      schema: {
        tags: ['campaigns'],
        summary:
          'Every decision taken about this person in the campaign, in words and codes, with its time and rule',
        params: z.object({ id: idSchema, profileId }),
        response: { 200: explanationSchema },
      },
    },
    async ({ params }) => {
      const found = await explain.of(params.id, params.profileId);
      return {
        ...found,
        statements: [...found.statements],
        rules: [...found.rules],
        holdouts: [...found.holdouts],
        waves: [...found.waves],
        caps: [...found.caps],
        control: [...found.control],
        deliveries: found.deliveries.map((delivery) => ({ ...delivery, events: [...delivery.events] })),
        suppressions: [...found.suppressions],
      };
    },
  );

  app.get(
    '/v1/profiles/:id/contacts',
    {
      config: { roles: ['editor', 'admin'] },
      schema: {
        tags: ['profiles'],
        summary:
          'Contacts made with one person, ours and other tools’, with what became of each; newest first',
        params: z.object({ id: profileId }),
        querystring: z.strictObject({
          contacts: z
            .enum(['made', 'not-made', 'all'])
            .default('made')
            .describe('made: in doubt too. not-made: refused, failed or still to come.'),
          after: z
            .string()
            .regex(/^[dc]\d{1,15}$/)
            .optional(),
          limit: limitSchema,
        }),
        response: { 200: pageOf(historyEntrySchema) },
      },
    },
    async ({ params, query: { contacts, after, limit } }) => {
      if ((await profiles.get(params.id)) === null) throw new BoucleError('not-found', 'No such profile.');
      const found = await history.of(params.id, {
        contacts: CONTACTS_SHOWN[contacts],
        ...(after === undefined ? {} : { after }),
        limit: limit + 1,
      });
      return toPage(
        found.map((entry) => ({
          ...entry,
          events: entry.events.map((event) => ({ ...event, properties: { ...event.properties } })),
        })),
        limit,
        ({ id }) => id,
      );
    },
  );
}
