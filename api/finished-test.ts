import { z } from 'zod';
import type { StoredTest } from '../store/finished-tests-store';
import { evaluatedSchema } from './schemas/evaluation';

/** Of the stored numbers, what a reader needs: they may be of a form that is not taken any more. */
const terms = z.object({ plan: z.object({ alpha: z.number() }) });

/** A test that was run elsewhere, as routes, page and file show it. */
export type FinishedTest = Omit<StoredTest, 'result'> & {
  readonly result: z.infer<typeof evaluatedSchema>;
  readonly alpha: number;
};

export const readTest = (stored: StoredTest): FinishedTest => ({
  ...stored,
  result: evaluatedSchema.parse(stored.result),
  alpha: terms.parse(stored.body).plan.alpha,
});
