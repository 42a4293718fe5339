import { z } from 'zod';
import { evaluateCampaign } from '../../domain/experiments/campaign-evaluation';
import type { EvaluationInputs } from '../../domain/experiments/outcomes';
import { differences } from '../../domain/experiments/recomputed';
import { BoucleError } from '../../domain/shared/errors';
import type { ExperimentsStore, StoredLook } from '../../store/experiments-store';
import { campaignEvaluation, computedAgain, countedNow } from '../schemas/campaign-evaluation';
import { idParams, idSchema } from '../schemas/common';
import { forestFigure, timelineFigure } from '../test-figures';
import type { App } from '../types';

export interface EvaluationsDeps {
  readonly experiments: Pick<ExperimentsStore, 'looks' | 'scenario' | 'countInputs'>;
  readonly revision: string;
}

/** What a campaign's test was judged by at each look, and what the same numbers say again. */
export function evaluationsRoutes(app: App, { experiments, revision }: EvaluationsDeps): void {
  // Counting millions takes seconds: who asks while it is done waits for the same answer.
  const counting = new Map<string, Promise<EvaluationInputs>>();
  const countNow = async (id: string, look: number): Promise<EvaluationInputs> =>
    experiments.countInputs(id, await experiments.scenario(id), look);

  app.get(
    '/v1/campaigns/:id/evaluations',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['experiments'],
        summary: 'Every look at the campaign’s test, the first one first',
        params: idParams,
        response: { 200: z.object({ items: z.array(campaignEvaluation) }) },
      },
    },
    async ({ params }) => ({ items: (await experiments.looks(params.id)).map(shown) }),
  );

  app.get(
    '/v1/campaigns/:id/evaluations/:look',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['experiments'],
        summary: 'One look; computed again from what was stored, or held against what is counted now',
        params: z.object({ id: idSchema, look: z.coerce.number().int().min(1).max(1_000) }),
        querystring: z.strictObject({
          again: z.enum(['true', 'false']).default('false').describe('`true`: computed again.'),
          counted: z
            .enum(['then', 'now'])
            .default('then')
            .describe('`now`: of the last look, with what came in since. It re-opens nothing.'),
        }),
        response: {
          200: campaignEvaluation.extend({ again: computedAgain.nullable(), now: countedNow.nullable() }),
        },
      },
    },
    async ({ params, query }) => {
      const looks = await experiments.looks(params.id);
      const look = looks.find((one) => one.look === params.look);
      if (look === undefined) throw new BoucleError('not-found', 'There was no such look.');
      if (query.counted === 'now' && look !== looks.at(-1))
        throw new BoucleError('conflict', 'Only the last look can be held against what is counted now.');
      return {
        ...shown(look),
        again: query.again === 'true' ? computed(look, revision) : null,
        now: query.counted === 'now' ? await recounted(look) : null,
      };

      async function recounted(of: StoredLook) {
        const running = counting.get(params.id) ?? countNow(params.id, of.look);
        counting.set(params.id, running);
        try {
          return heldAgainst(of, await running);
        } finally {
          counting.delete(params.id);
        }
      }
    },
  );

  for (const [name, draw] of Object.entries(FIGURES))
    app.get(
      `/v1/campaigns/:id/figures/${name}.svg`,
      {
        config: { roles: ['viewer'] },
        schema: {
          tags: ['experiments'],
          summary: `The ${name} of the campaign’s test as an SVG file`,
          params: idParams,
          response: { 200: { description: 'SVG', content: { 'image/svg+xml': { schema: z.string() } } } },
        },
      },
      async ({ params }, reply) => {
        const looks = await experiments.looks(params.id);
        if (looks.length === 0) throw new BoucleError('not-found', 'The test was not looked at yet.');
        return reply.type('image/svg+xml; charset=utf-8').send(draw(looks));
      },
    );
}

const FIGURES: Readonly<Record<string, (looks: readonly StoredLook[]) => string>> = {
  forest: (looks) =>
    looks
      .slice(-1)
      .map(({ result }) => forestFigure(result))
      .join(''),
  timeline: timelineFigure,
};

const shown = ({ look, at, revision, result }: StoredLook) => ({ look, at, revision, evaluation: result });

function computed({ inputs, result }: StoredLook, revision: string) {
  const again = evaluateCampaign(inputs);
  const differs = differences(result, again);
  return { revision, same: differs.length === 0, differs, decision: again.decision };
}

function heldAgainst({ inputs, result }: StoredLook, counted: EvaluationInputs) {
  const { decision } = evaluateCampaign(counted);
  return {
    late: inputs.arms.map(({ key, n, ...arm }) => {
      const now = counted.arms.find((one) => one.key === key);
      const events = now !== undefined && 'events' in now && 'events' in arm ? now.events - arm.events : 0;
      return { arm: key, people: (now?.n ?? 0) - n, events };
    }),
    decision,
    turned: decision.action !== result.decision.action || decision.arm !== result.decision.arm,
  };
}
