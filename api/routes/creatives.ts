import { z } from 'zod';
import { armSchema } from '../../domain/campaigns/scenario';
import { CHANNELS } from '../../domain/shared/words';
import type { CampaignsReadStore } from '../../store/campaigns-read-store';
import type { CreativesStore } from '../../store/creatives-store';
import type { Orchestrator } from '../orchestrator';
import { principalOf } from '../plugins/authentication';
import { idParams } from '../schemas/common';
import type { App } from '../types';
import { commandIdOf } from './campaign-commands';

const finding = z.object({
  check: z.string(),
  severity: z.enum(['blocking', 'warning', 'info']),
  message: z.string(),
  path: z.string().nullable(),
});

const creativeSchema = z
  .object({
    id: z.int(),
    step: z.string(),
    persona: z.string(),
    arm: z.string(),
    channel: z.enum(CHANNELS).or(z.string()),
    locale: z.string(),
    revision: z.int(),
    hash: z.string(),
    subject: z.string(),
    preheader: z.string(),
    heroIsFallback: z.boolean(),
    status: z.enum(['rendered', 'passed', 'reject']),
    comment: z.string().nullable(),
    links: z.array(z.object({ index: z.int(), url: z.string(), label: z.string() })),
    findings: z.array(finding),
  })
  .meta({ id: 'Creative' });

const revision = z
  .strictObject({
    arm: armSchema.shape.key.optional(),
    step: armSchema.shape.key.optional().describe('Instead: the words of a later step, whoever gets it.'),
    content: armSchema.shape.content.unwrap().describe('What changes; the rest stays.'),
    comment: z.string().min(1).max(500).optional(),
  })
  .refine((body) => (body.arm === undefined) !== (body.step === undefined), {
    path: ['arm'],
    message: 'either arm or step',
  });

export interface CreativesDeps {
  readonly campaigns: CampaignsReadStore;
  readonly creatives: Pick<CreativesStore, 'list' | 'revise'>;
  readonly orchestrator: Orchestrator;
}

export function creativesRoutes(app: App, { campaigns, creatives, orchestrator }: CreativesDeps): void {
  app.get(
    '/v1/campaigns/:id/creatives',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['campaigns'],
        summary: 'The latest revision of each creative, with what QA found',
        params: idParams,
        response: { 200: z.object({ items: z.array(creativeSchema) }) },
      },
    },
    async ({ params }) => {
      await campaigns.standing(params.id);
      const items = await creatives.list(params.id);
      return {
        items: items.map(({ creativeId, links, findings, ...creative }) => ({
          ...creative,
          id: creativeId,
          links: links.map((link) => ({ ...link })),
          findings: findings.map(({ path, ...found }) => ({ ...found, path: path ?? null })),
        })),
      };
    },
  );

  app.post(
    '/v1/campaigns/:id/creatives/revise',
    {
      config: { roles: ['editor'] },
      schema: {
        tags: ['campaigns'],
        summary:
          'New words for an arm or a later step, before anything is approved or while the campaign is paused: what they are in is rendered and checked again',
        params: idParams,
        body: revision,
        response: { 202: z.object({ words: z.string() }) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { arm, step, content, comment } = request.body;
      const of = arm === undefined ? { step: step ?? '' } : { arm };
      const { workflowId } = await campaigns.standing(id);
      const by = principalOf(request).name;
      await creatives.revise(id, { of, content, by, ...(comment === undefined ? {} : { comment }) });
      const answer = await orchestrator.command(workflowId, 'revised', {
        commandId: commandIdOf(request, id),
        by,
      });
      const words =
        answer === 'kept'
          ? 'Kept: it is rendered again as soon as a worker answers.'
          : 'It is rendered again; an approval that waited is void.';
      return reply.code(202).send({ words });
    },
  );
}
