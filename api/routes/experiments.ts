import { armAt, dealStratified } from '../../domain/experiments/assign';
import { benjaminiHochberg } from '../../domain/experiments/benjamini-hochberg';
import { holm } from '../../domain/experiments/holm';
import { planTest } from '../../domain/experiments/plan';
import { evaluateBodyOf } from '../experiment-input';
import { evaluatedSchema } from '../schemas/evaluation';
import {
  adjustBody,
  adjustedSchema,
  assignBody,
  assignedSchema,
  planBody,
  planSchema,
} from '../schemas/experiment-plan';
import { evaluateBody } from '../schemas/experiments';
import type { App } from '../types';

export interface ExperimentsDeps {
  /** Where somebody falls in [0, 1) under a salt. */
  readonly hash: (salt: string, id: string) => number;
}

/** What any analyst may check, or use for a test that was run elsewhere: numbers in, numbers out, nothing kept. */
export function experimentsRoutes(app: App, { hash }: ExperimentsDeps): void {
  app.post(
    '/v1/experiments/plan',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['experiments'],
        summary: 'How many people a test needs, what those there are would find, and how long it takes',
        body: planBody,
        response: { 200: planSchema },
      },
    },
    async ({ body }) => planTest(body),
  );

  app.post(
    '/v1/experiments/evaluate',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['experiments'],
        summary: 'What a test says: its health, each comparison, guardrails and the decision',
        body: evaluateBody,
        response: { 200: evaluatedSchema },
      },
    },
    async ({ body }) => evaluateBodyOf(body),
  );

  app.post(
    '/v1/experiments/adjust',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['experiments'],
        summary: 'p-values of several comparisons adjusted for each other',
        body: adjustBody,
        response: { 200: adjustedSchema },
      },
    },
    async ({ body: { ps, alpha } }) => {
      const given = ps.map(({ p }) => p);
      const [byHolm, byHochberg] = [holm(given), benjaminiHochberg(given)];
      return {
        items: ps.map(({ key, p }, i) => ({
          key,
          p,
          holm: byHolm[i] ?? 1,
          benjaminiHochberg: byHochberg[i] ?? 1,
          significant: (byHolm[i] ?? 1) < alpha,
        })),
      };
    },
  );

  app.post(
    '/v1/experiments/assign',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['experiments'],
        summary: 'Who gets which arm',
        body: assignBody,
        response: { 200: assignedSchema },
      },
    },
    async ({ body: { salt, arms, units, by } }) => {
      const at = (id: string): number => hash(salt, id);
      const dealt = by === 'strata' ? dealStratified(units, arms, at) : null;
      const items = units.map(({ id }) => {
        const own = at(id);
        return { id, hash: own, arm: dealt?.get(id) ?? armAt(own, arms) };
      });
      const counts = Object.fromEntries(
        arms.map(({ key }) => [key, items.filter(({ arm }) => arm === key).length]),
      );
      return { items, counts };
    },
  );
}
