import { z } from 'zod';

export const matrixVersionSchema = z.object({
  version: z.int(),
  sha256: z.string(),
  state: z.enum(['proposed', 'approved', 'rejected']),
  note: z.string().nullable().describe('What its author says of it.'),
  createdBy: z.string(),
  createdAt: z.string(),
  decidedBy: z.string().nullable(),
  decidedAt: z.string().nullable(),
  decisionNote: z.string().nullable(),
});

const rowSchema = z.record(z.string(), z.string()).describe('Cells by column.');

export const matrixSchema = matrixVersionSchema
  .extend({ rows: z.array(rowSchema) })
  .meta({ id: 'PersonaMatrix' });

export const matrixDiffSchema = z.object({
  version: z.int(),
  against: z.int().nullable().describe('null: no version was approved before.'),
  words: z.array(z.string()).describe('One line a row that came or went and a cell that changed.'),
  added: z.array(rowSchema),
  removed: z.array(rowSchema),
  changed: z.array(
    z.object({
      segment: z.string(),
      cells: z.array(z.object({ column: z.string(), from: z.string(), to: z.string() })),
    }),
  ),
});
