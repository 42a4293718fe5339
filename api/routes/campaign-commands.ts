import { createHash, randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { BoucleError } from '../../domain/shared/errors';
import type { CampaignsReadStore } from '../../store/campaigns-read-store';
import type { CampaignsStore } from '../../store/campaigns-store';
import type { Orchestrator } from '../orchestrator';
import { principalOf } from '../plugins/authentication';
import { idempotencyKeyOf } from '../plugins/idempotency';
import {
  commandAnswerSchema,
  commandSchema,
  decisionAnswerSchema,
  decisionRecordSchema,
  decisionSchema,
  keptDecisionSchema,
} from '../schemas/campaign';
import { idParams } from '../schemas/common';
import type { App } from '../types';

export interface CampaignCommandsDeps {
  readonly campaigns: CampaignsReadStore;
  readonly writes: Pick<CampaignsStore, 'setHold'>;
  readonly orchestrator: Orchestrator;
}

type Standing = Awaited<ReturnType<CampaignsReadStore['standing']>>;

/** What a command comes to where Temporal or its worker did not answer, but the database holds already. */
const HELD = {
  pause: 'Nothing more is sent: it is held already. The workflow takes note as soon as a worker answers.',
  abort: 'Nothing more is sent: it is held already. The workflow ends as soon as a worker answers.',
  resume: 'It is kept: the campaign goes on as soon as a worker answers.',
} as const;

const CROSSED = 'Somebody said otherwise at the same time; `hold` tells how it stands now.';

const DONE = { pause: 'Paused.', resume: 'It goes on.', abort: 'Aborted: nothing more is sent.' } as const;

export function campaignCommandsRoutes(
  app: App,
  { campaigns, writes, orchestrator }: CampaignCommandsDeps,
): void {
  const open = async (id: string): Promise<Standing> => {
    const standing = await campaigns.standing(id);
    if (standing.end !== null)
      throw new BoucleError('campaign-ended', `The campaign has ended: ${standing.end}.`);
    return standing;
  };

  for (const kind of ['pause', 'resume', 'abort'] as const) {
    app.post(
      `/v1/campaigns/:id/${kind}`,
      {
        config: { roles: ['editor', 'approver'] },
        schema: {
          tags: ['campaigns'],
          summary: {
            pause: 'Holds a campaign: nothing is sent until it is resumed',
            resume: 'Lets a paused campaign go on',
            abort: 'Ends a campaign: nothing more is sent',
          }[kind],
          params: idParams,
          body: commandSchema,
          response: { 200: commandAnswerSchema, 202: commandAnswerSchema },
        },
      },
      async (request, reply) => {
        const { id } = request.params;
        const { workflowId, hold, stage } = await open(id);
        if (hold === 'aborted' && kind !== 'abort') throw beingAborted();
        // The gate reads the hold in the database: a send stops even with no worker up to tell. Going on is the
        // workflow's to say, or the database would run while the workflow still waits.
        if (kind !== 'resume') await writes.setHold(id, kind === 'pause' ? 'paused' : 'aborted');
        const reason = request.body?.reason;
        const command = {
          commandId: commandIdOf(request, id),
          by: principalOf(request).name,
          ...(reason === undefined ? {} : { reason }),
        };
        const answer = await orchestrator.command(workflowId, kind, command).catch((error: unknown) => {
          if (kind === 'resume' || !isAway(error)) throw error;
          return 'kept' as const;
        });
        if (answer !== 'kept') {
          if (answer.hold === 'aborted' && kind !== 'abort') throw beingAborted();
          const words = answer.hold === HOLDS[kind] ? DONE[kind] : CROSSED;
          return reply.send({ hold: answer.hold, stage: answer.stage, words });
        }
        return reply.code(202).send({ hold: HOLDS[kind], stage, words: HELD[kind] });
      },
    );
  }

  app.post(
    '/v1/campaigns/:id/decisions',
    {
      config: { roles: ['approver'], refusal: 'approval-not-approver' },
      schema: {
        tags: ['campaigns'],
        summary: 'Approves or rejects exactly what was looked at',
        params: idParams,
        body: decisionSchema,
        response: { 200: decisionAnswerSchema, 202: keptDecisionSchema },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { decision, subjectHash, reason } = request.body;
      const { workflowId } = await open(id);
      const answer = await orchestrator.decide(workflowId, {
        decisionId: commandIdOf(request, id),
        decision,
        by: principalOf(request).name,
        via: 'rest',
        subjectHash,
        ...(reason === undefined ? {} : { reason }),
      });
      if (answer === 'kept') {
        const words =
          'It is kept: it is judged as soon as the campaign can take it. GET decisions tells how.';
        return reply.code(202).send({ outcome: 'kept', words });
      }
      if (answer.outcome === 'refused') throw new BoucleError(answer.refusal, answer.words);
      return reply.send(answer);
    },
  );

  app.get(
    '/v1/campaigns/:id/decisions',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['campaigns'],
        summary: 'Every decision, those that changed nothing too',
        params: idParams,
        response: { 200: z.object({ items: z.array(decisionRecordSchema) }) },
      },
    },
    async ({ params }) => {
      await campaigns.standing(params.id);
      return { items: await campaigns.decisions(params.id) };
    },
  );
}

const beingAborted = (): BoucleError =>
  new BoucleError('conflict', 'The campaign is being aborted, for good.');

const HOLDS = { pause: 'paused', resume: 'run', abort: 'aborted' } as const;

/** `campaign-ended` here is a run that Temporal has lost or not found yet: the worker starts it again and reads the hold. */
const isAway = (error: unknown): boolean =>
  error instanceof BoucleError &&
  ['temporal-unavailable', 'worker-unavailable', 'campaign-ended'].includes(error.code);

/** What makes a command count once: of the caller's Idempotency-Key, which is theirs alone, or a new one. */
export function commandIdOf(request: FastifyRequest, campaignId: string): string {
  const key = idempotencyKeyOf(request);
  if (key === null) return `rest.${randomUUID()}`;
  const { name } = principalOf(request);
  return `rest.${createHash('sha256').update(`${name}\n${campaignId}\n${key}`).digest('hex').slice(0, 32)}`;
}
