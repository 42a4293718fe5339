import { z } from 'zod';
import { faultSchema } from './common';

export const takenEventsSchema = z
  .object({
    accepted: z.int(),
    duplicates: z.int().describe('Known by their id already, or twice in the same call.'),
    rejected: z
      .array(z.object({ index: z.int(), code: z.string(), faults: z.array(faultSchema).readonly() }))
      .readonly(),
  })
  .meta({ id: 'TakenEvents' });

export const replayedLettersSchema = z
  .object({
    accepted: z.int(),
    duplicates: z.int().describe('Had come in meanwhile.'),
    rejected: z
      .array(
        z.object({
          id: z.int().describe('Of the letter: it waits on.'),
          code: z.string(),
          faults: z.array(faultSchema).readonly(),
        }),
      )
      .readonly(),
    next: z.string().nullable().describe('Of a reason: what `after` takes to go on; null at the end.'),
  })
  .meta({ id: 'ReplayedLetters' });

export const deadLetterSchema = z
  .object({
    id: z.int(),
    eventId: z.string().nullable(),
    reason: z.string(),
    faults: z.array(faultSchema).readonly(),
    body: z.unknown().describe('As it came.'),
    receivedAt: z.date(),
    receivedBy: z.string(),
    replayedAt: z.date().nullable(),
  })
  .meta({ id: 'DeadLetter' });
