import { z } from 'zod';
import { holdoutLift } from '../../domain/experiments/holdout-lift';
import { BoucleError } from '../../domain/shared/errors';
import { currencySchema } from '../../domain/shared/money';
import type { createHoldoutsStore } from '../../store/experiments/holdout-lift';
import { keySchema } from '../schemas/common';
import { holdoutLiftSchema } from '../schemas/holdout-lift';
import type { App } from '../types';

export interface HoldoutsDeps {
  readonly holdouts: Pick<ReturnType<typeof createHoldoutsStore>, 'months'>;
}

const liftQuery = z.strictObject({
  event: z.string().min(1).max(60).describe('What is counted of each person.'),
  kind: z
    .enum(['share', 'amount'])
    .default('share')
    .describe('`share`: who had the event. `amount`: what its values add up to, in minor units.'),
  currency: currencySchema.default('EUR').describe('Of an amount; values in another count nothing.'),
  alpha: z.coerce.number().gt(0).max(0.5).default(0.05),
});

/** What all campaigns together come to: who may be written to against who is held out. */
export function holdoutsRoutes(app: App, { holdouts }: HoldoutsDeps): void {
  app.get(
    '/v1/holdouts/:key/lift',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['experiments'],
        summary: 'The cumulative lift of the whole programme, month by month, with its interval',
        params: z.object({ key: keySchema }),
        querystring: liftQuery,
        response: { 200: holdoutLiftSchema },
      },
    },
    async ({ params, query: { alpha, event, kind, currency } }) => {
      const measure = kind === 'share' ? { kind, event } : { kind, event, currency };
      const counted = await holdouts.months(params.key, measure);
      if (counted === null) throw new BoucleError('not-found', 'No holdout has this key.');
      const { share, market, start, period } = counted.policy;
      if (!counted.known)
        throw new BoucleError('invalid-request', 'Nobody ever had an event of this type.', [
          { path: '/query/event', message: 'is no type of events that is known here' },
        ]);
      const lifts = holdoutLift(counted.months, alpha);
      return {
        holdout: { key: params.key, share, market: market ?? null, start, period },
        measure: { event, kind, currency: kind === 'share' ? null : currency },
        alpha,
        begun: counted.begun,
        months: lifts,
        latest: lifts.at(-1) ?? null,
      };
    },
  );
}
