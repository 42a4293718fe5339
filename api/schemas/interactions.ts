import { z } from 'zod';

const crossing = z.object({
  shared: z.number().describe('People in both tests.'),
  independenceP: z.number().nullable(),
  effects: z.array(z.object({ arm: z.string(), p: z.number(), pAdjusted: z.number() })).readonly(),
  verdict: z.enum(['shown', 'not-shown', 'too-few', 'dependent']),
});

/** Whether a test's effects hang on the arms of other tests that shared its people. */
export const interactions = z
  .array(z.object({ campaignId: z.string(), name: z.string(), ...crossing.shape }))
  .readonly();

/** The same of plain numbers. */
export const plainInteractions = z.array(z.object({ test: z.string(), ...crossing.shape })).readonly();
