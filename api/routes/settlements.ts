import { z } from 'zod';
import { BoucleError } from '../../domain/shared/errors';
import type { CampaignsReadStore } from '../../store/campaigns-read-store';
import type { LedgerStore } from '../../store/ledger-store';
import { principalOf } from '../plugins/authentication';
import { idParams } from '../schemas/common';
import type { App } from '../types';

const deliveryParams = z.object({ id: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) });

const told = {
  outcome: z.enum(['accepted', 'failed']),
  evidence: z
    .string()
    .regex(/^[\w.:/#-]{1,80}$/, 'a ticket or a code: letters, digits and .:/#-_')
    .optional()
    .describe('What it is known by; no personal data, it stands in the ledger.'),
};

export interface SettlementsDeps {
  readonly campaigns: Pick<CampaignsReadStore, 'standing'>;
  readonly deliveries: Pick<LedgerStore, 'settle' | 'settleMany'>;
}

/** What became of messages that nobody knew the fate of, told by a person. None is ever sent again for it. */
export function settlementsRoutes(app: App, { campaigns, deliveries }: SettlementsDeps): void {
  app.post(
    '/v1/deliveries/:id/settlement',
    {
      config: { roles: ['approver'] },
      schema: {
        tags: ['campaigns'],
        summary: 'Says what became of one uncertain delivery',
        params: deliveryParams,
        body: z.strictObject(told),
        response: { 200: z.object({ deliveryId: z.int(), state: z.enum(['accepted', 'failed']) }) },
      },
    },
    async (request) => {
      const { id: deliveryId } = request.params;
      const { outcome, evidence = null } = request.body;
      const by = principalOf(request).name;
      if (!(await deliveries.settle({ deliveryId, outcome, by, evidence })))
        throw new BoucleError('conflict', 'There is no delivery of that id that is uncertain.');
      return { deliveryId, state: outcome };
    },
  );

  app.post(
    '/v1/campaigns/:id/settlements',
    {
      config: { roles: ['approver'] },
      schema: {
        tags: ['campaigns'],
        summary: "Says what became of a campaign's uncertain deliveries",
        params: idParams,
        body: z.strictObject({
          ...told,
          wave: z.string().min(1).max(80).optional().describe('Left out, every wave.'),
          olderThanSeconds: z
            .number()
            .int()
            .min(0)
            .max(31_536_000)
            .default(3_600)
            .describe('Uncertain for at least so long: younger ones may still hear from the provider.'),
        }),
        response: { 200: z.object({ settled: z.int() }) },
      },
    },
    async (request) => {
      const { id: campaignId } = request.params;
      const { outcome, evidence = null, wave = null, olderThanSeconds } = request.body;
      await campaigns.standing(campaignId);
      const by = principalOf(request).name;
      const settled = await deliveries.settleMany({
        campaignId,
        outcome,
        by,
        evidence,
        wave,
        olderThanSeconds,
      });
      return { settled };
    },
  );
}
