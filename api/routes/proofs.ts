import { z } from 'zod';
import { seedAddress } from '../../domain/delivery/seed-address';
import { BoucleError } from '../../domain/shared/errors';
import { CHANNELS } from '../../domain/shared/words';
import type { CampaignsReadStore } from '../../store/campaigns-read-store';
import type { CreativeRow, CreativesStore } from '../../store/creatives-store';
import type { NewProof, ProofsStore } from '../../store/proofs-store';
import type { SeedListsStore } from '../../store/seed-lists-store';
import { principalOf } from '../plugins/authentication';
import { idParams, keySchema, limitSchema } from '../schemas/common';
import type { App } from '../types';

/** More at once is no test any more. */
const MOST = 500;

const creativeId = z.int().positive().max(Number.MAX_SAFE_INTEGER);

const proofSchema = z
  .object({
    id: z.string(),
    creativeId: z.int(),
    profileId: z.int().nullable().describe('Whose data fills it; null: a test, nobody’s.'),
    channel: z.enum(CHANNELS),
    state: z.enum(['waiting', 'sent', 'failed', 'uncertain']),
    code: z.string().nullable(),
    requestedBy: z.string(),
    requestedAt: z.date(),
    sentAt: z.date().nullable(),
  })
  .meta({ id: 'Proof' });

const requested = z.object({
  proofs: z.array(z.string()),
  withoutAddress: z.array(z.int()).describe('Creatives of a channel the list has no address of.'),
});

export interface ProofsDeps {
  readonly campaigns: Pick<CampaignsReadStore, 'standing'>;
  readonly creatives: Pick<CreativesStore, 'latest' | 'get'>;
  readonly lists: Pick<SeedListsStore, 'get' | 'holds'>;
  readonly proofs: Pick<ProofsStore, 'request' | 'list'>;
  readonly isProfile: (profileId: number) => Promise<boolean>;
}

/** Messages to staff, in no count. People get theirs through the gate alone: an address on no list is refused. */
export function proofsRoutes(app: App, deps: ProofsDeps): void {
  const { campaigns, creatives, lists, proofs } = deps;

  app.post(
    '/v1/campaigns/:id/test-sends',
    {
      config: { roles: ['editor'] },
      schema: {
        tags: ['proofs'],
        summary: 'Creatives to everybody on a seed list, as somebody gets them of whom nothing is known',
        params: idParams,
        body: z.strictObject({
          list: keySchema,
          creatives: z
            .array(creativeId)
            .min(1)
            .max(100)
            .optional()
            .describe('Left out: the latest revision of each.'),
        }),
        response: { 202: requested },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      await campaigns.standing(id);
      const list = await listOf(request.body.list, '/list');
      const wanted = request.body.creatives;
      const chosen =
        wanted === undefined
          ? await creatives.latest(id)
          : await Promise.all(
              wanted.map((creative, index) => creativeOf(id, creative, `/creatives/${index}`)),
            );
      const made = chosen.flatMap((creative) => forList(creative, list, null));
      return reply.code(202).send(await askFor(id, chosen, made, principalOf(request).name));
    },
  );

  app.post(
    '/v1/campaigns/:id/proofs',
    {
      config: { roles: ['editor'] },
      schema: {
        tags: ['proofs'],
        summary: "One creative with one person's data, to staff on a seed list",
        params: idParams,
        body: z.strictObject({
          creativeId,
          profileId: z.int().positive().max(Number.MAX_SAFE_INTEGER),
          to: z.union([
            z.strictObject({ list: keySchema }),
            z.strictObject({ address: z.string().min(1).max(4_096).describe('On some seed list.') }),
          ]),
        }),
        response: { 202: requested },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { profileId, to } = request.body;
      await campaigns.standing(id);
      const creative = await creativeOf(id, request.body.creativeId, '/creativeId');
      if (!(await deps.isProfile(profileId)))
        throw new BoucleError('not-found', 'No such profile.', [
          { path: '/profileId', message: 'no such profile' },
        ]);
      const made =
        'list' in to
          ? forList(creative, await listOf(to.list, '/to/list'), profileId)
          : [{ ...(await onSomeList(creative, to.address)), profileId }];
      return reply.code(202).send(await askFor(id, [creative], made, principalOf(request).name));
    },
  );

  app.get(
    '/v1/campaigns/:id/proofs',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['proofs'],
        summary: 'What became of tests and proofs, newest first',
        params: idParams,
        querystring: z.strictObject({ limit: limitSchema }),
        response: { 200: z.object({ items: z.array(proofSchema) }) },
      },
    },
    async ({ params, query }) => {
      await campaigns.standing(params.id);
      return { items: await proofs.list(params.id, query.limit) };
    },
  );

  type List = NonNullable<Awaited<ReturnType<typeof lists.get>>>;

  async function listOf(key: string, path: string): Promise<List> {
    const list = await lists.get(key);
    if (list === null)
      throw new BoucleError('not-found', 'No such seed list.', [{ path, message: 'no such seed list' }]);
    return list;
  }

  async function creativeOf(campaignId: string, wanted: number, path: string): Promise<CreativeRow> {
    const creative = await creatives.get(wanted);
    if (creative === null || creative.campaignId !== campaignId)
      throw new BoucleError('not-found', 'No such creative.', [
        { path, message: 'no such creative of this campaign' },
      ]);
    return creative;
  }

  const forList = (
    { creativeId: id, channel }: CreativeRow,
    list: List,
    profileId: number | null,
  ): NewProof[] =>
    list.addresses
      .filter((seed) => seed.channel === channel)
      .map(({ address }) => ({ creativeId: id, channel, profileId, address }));

  async function onSomeList({ creativeId: id, channel }: CreativeRow, given: string) {
    const refused = (message: string) =>
      new BoucleError('invalid-request', 'A proof goes to staff on a seed list alone.', [
        { path: '/to/address', message },
      ]);
    const read = seedAddress(channel, given);
    if ('fault' in read) throw refused(read.fault);
    if (!(await lists.holds({ channel, address: read.address }))) throw refused('is on no seed list');
    return { creativeId: id, channel, address: read.address };
  }

  async function askFor(
    campaignId: string,
    chosen: readonly CreativeRow[],
    made: readonly NewProof[],
    by: string,
  ): Promise<z.infer<typeof requested>> {
    if (made.length > MOST)
      throw new BoucleError(
        'too-large',
        `${made.length} messages are asked for; ${MOST} at once are the most.`,
      );
    const addressed = new Set(made.map((proof) => proof.creativeId));
    return {
      proofs: made.length === 0 ? [] : await proofs.request(campaignId, made, by),
      withoutAddress: chosen.map((c) => c.creativeId).filter((id) => !addressed.has(id)),
    };
  }
}
