import { z } from 'zod';
import type { CampaignStarter } from '../../adapters/temporal/start-campaign';
import { BoucleError } from '../../domain/shared/errors';
import type { RemadeAudience } from '../../store/audience-remake';
import type { CampaignSchedulesStore } from '../../store/campaign-schedules-store';
import type { CampaignsReadStore, CampaignSummary } from '../../store/campaigns-read-store';
import type { ScenariosStore } from '../../store/scenarios-store';
import { faultsUnder } from '../faults';
import type { Orchestrator } from '../orchestrator';
import { principalOf } from '../plugins/authentication';
import {
  campaignSchema,
  campaignSummarySchema,
  newCampaignSchema,
  scheduleSchema,
  startedSchema,
} from '../schemas/campaign';
import { idParams, idSchema, limitSchema, pageOf, toPage } from '../schemas/common';
import type { App } from '../types';
import { specOf, withNext } from './campaign-schedules';

export interface CampaignsDeps {
  readonly starter: CampaignStarter;
  readonly schedules: CampaignSchedulesStore;
  readonly campaigns: CampaignsReadStore;
  readonly scenarios: ScenariosStore;
  readonly orchestrator: Orchestrator;
  readonly remake: (campaignId: string) => Promise<RemadeAudience>;
  readonly publicUrl: string;
  /** Address of a run in the Temporal UI. */
  readonly runUrl: (workflowId: string, runId: string) => string;
}

export function campaignsRoutes(app: App, deps: CampaignsDeps): void {
  const { starter, schedules, campaigns, scenarios, orchestrator, remake, publicUrl, runUrl } = deps;
  const withUrl = <T extends CampaignSummary>(campaign: T) => ({
    ...campaign,
    temporalUrl: campaign.runId === null ? null : runUrl(campaign.workflowId, campaign.runId),
  });

  app.post(
    '/v1/campaigns',
    {
      config: { roles: ['editor'] },
      schema: {
        tags: ['campaigns'],
        summary: 'Starts a campaign of a scenario now, at a date, or on a rhythm',
        body: newCampaignSchema,
        response: { 202: z.union([startedSchema, scheduleSchema]) },
      },
    },
    async (request, reply) => {
      const { scenario, version, start } = request.body;
      const by = principalOf(request).name;
      if (start === 'now') {
        const { campaignId, workflowId, runId } = await starter.start({
          scenario,
          by,
          ...(version === undefined ? {} : { version }),
        });
        request.auditTarget = campaignId;
        return reply.code(202).send({
          id: campaignId,
          workflowId,
          runId,
          temporalUrl: runUrl(workflowId, runId),
          statusUrl: `${publicUrl}/v1/campaigns/${campaignId}`,
          pageUrl: `${publicUrl}/campaigns/${campaignId}`,
        });
      }
      if (version !== undefined) {
        throw new BoucleError(
          'invalid-request',
          'A scheduled start takes the latest validated version of its day.',
          [{ path: '/version', message: 'is not taken together with a scheduled start' }],
        );
      }
      await scenarios.startable(scenario);
      const schedule = await schedules.create({ scenario, by, ...specOf(start, '/start') });
      request.auditTarget = schedule.id;
      try {
        await orchestrator.createSchedule(schedule);
      } catch (error) {
        await schedules.remove(schedule.id);
        throw faultsUnder('/start', error);
      }
      return reply.code(202).send(await withNext(orchestrator, schedule));
    },
  );

  app.get(
    '/v1/campaigns',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['campaigns'],
        summary: 'Campaigns, newest first',
        querystring: z.strictObject({
          state: z.enum(['open', 'ended']).optional(),
          scenario: z.string().max(80).optional(),
          after: idSchema.optional(),
          limit: limitSchema,
        }),
        response: { 200: pageOf(campaignSummarySchema) },
      },
    },
    async ({ query: { state, scenario, after, limit } }) => {
      const found = await campaigns.list({
        ...(state === undefined ? {} : { state }),
        ...(scenario === undefined ? {} : { scenario }),
        ...(after === undefined ? {} : { before: after }),
        limit: limit + 1,
      });
      return toPage(found.map(withUrl), limit, ({ id }) => id);
    },
  );

  app.get(
    '/v1/campaigns/:id',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['campaigns'],
        summary: 'One campaign: stages, audience, waves with rate and time left, why it is waiting',
        params: idParams,
        response: { 200: campaignSchema },
      },
    },
    async ({ params }) => {
      const found = withUrl(await campaigns.get(params.id));
      return {
        ...found,
        stages: found.stages.map((stage) => ({ ...stage, details: { ...stage.details } })),
        waves: [...found.waves],
        audience: found.audience === null ? null : copyOf(found.audience),
      };
    },
  );

  app.get(
    '/v1/campaigns/:id/audience/remade',
    {
      config: { roles: ['editor', 'approver'] },
      schema: {
        tags: ['campaigns'],
        summary:
          'The frozen audience beside what the same definition, moment and seed make of people as they are now',
        params: idParams,
        response: {
          200: z.object({
            asOf: z.date().describe('The moment of the freeze.'),
            same: z.int().describe('In both, at the same place.'),
            moved: z.int().describe('In both, at another part, arm, persona or bucket.'),
            gone: z.int().describe('Frozen, and now kept out or no longer matching.'),
            come: z.int().describe('Not frozen, and now in.'),
          }),
        },
      },
    },
    async ({ params }) => remake(params.id),
  );
}

const copyOf = (audience: NonNullable<Awaited<ReturnType<CampaignsReadStore['get']>>['audience']>) => ({
  ...audience,
  excluded: { ...audience.excluded },
  arms: { ...audience.arms },
  parts: { ...audience.parts },
  personas: { ...audience.personas },
  waterfall: [...audience.waterfall],
  forecast: audience.forecast === null ? null : { ...audience.forecast, held: { ...audience.forecast.held } },
});
