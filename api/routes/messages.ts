import { z } from 'zod';
import { profileRefSchema } from '../../domain/events/event';
import { BoucleError } from '../../domain/shared/errors';
import { CHANNELS, DELIVERY_STATES } from '../../domain/shared/words';
import type { MessagesStore } from '../../store/messages-store';
import { principalOf } from '../plugins/authentication';
import { idParams, idSchema, keySchema } from '../schemas/common';
import type { App } from '../types';

const messageBody = z
  .strictObject({
    campaign: idSchema.optional().describe('A triggered campaign that runs.'),
    scenario: keySchema.optional().describe('Instead: the latest running campaign of this scenario.'),
    profile: profileRefSchema,
    values: z
      .record(z.string().max(40), z.string().max(2_000))
      .default({})
      .describe('Of the variables the scenario declares; personal data is kept apart from the ledger.'),
    deadlineSeconds: z
      .int()
      .min(1)
      .max(30 * 86_400)
      .default(86_400)
      .describe('After this it is not sent any more.'),
  })
  .refine((body) => (body.campaign === undefined) !== (body.scenario === undefined), {
    path: ['campaign'],
    message: 'either campaign or scenario',
  });

const messageSchema = z
  .object({
    messageId: z.string(),
    campaignId: z.string(),
    profileId: z.int(),
    createdAt: z.date(),
    deadlineAt: z.date(),
    delivery: z
      .object({
        id: z.int(),
        channel: z.enum(CHANNELS),
        state: z.enum(DELIVERY_STATES),
        code: z.string().nullable(),
        reason: z.string().nullable(),
        notBefore: z.date().nullable(),
        settledAt: z.date().nullable(),
      })
      .nullable()
      .describe('null: the gate has not looked at it yet.'),
  })
  .meta({ id: 'Message' });

export interface MessagesDeps {
  readonly messages: MessagesStore;
  readonly resolve: (ref: z.infer<typeof profileRefSchema>) => Promise<number | null>;
}

export function messagesRoutes(app: App, { messages, resolve }: MessagesDeps): void {
  app.post(
    '/v1/messages',
    {
      config: { roles: ['editor'] },
      schema: {
        tags: ['messages'],
        summary: 'One service message to one person, through the gate, in a lane of its own',
        body: messageBody,
        response: { 202: z.object({ messageId: z.string(), campaignId: z.string(), profileId: z.int() }) },
      },
    },
    async (request, reply) => {
      const { campaign, scenario, profile, values, deadlineSeconds } = request.body;
      const profileId = await resolve(profile);
      if (profileId === null)
        throw new BoucleError('not-found', 'Nobody is known by that.', [
          { path: '/profile', message: 'no such profile' },
        ]);
      const campaignId =
        campaign ?? (scenario === undefined ? null : await messages.openCampaignOf(scenario));
      if (campaignId === null)
        throw new BoucleError('not-found', 'No campaign of this scenario takes messages now.', [
          { path: '/scenario', message: 'no triggered campaign of it is approved and running' },
        ]);
      const { messageId } = await messages.create({
        campaignId,
        profileId,
        values,
        by: principalOf(request).name,
        deadlineSeconds,
      });
      return reply.status(202).send({ messageId, campaignId, profileId });
    },
  );

  app.get(
    '/v1/messages/:id',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['messages'],
        summary: 'What became of a service message',
        params: idParams,
        response: { 200: messageSchema },
      },
    },
    async ({ params }) => {
      const standing = await messages.standing(params.id);
      if (standing === null) throw new BoucleError('not-found', 'No such message.');
      return standing;
    },
  );
}
