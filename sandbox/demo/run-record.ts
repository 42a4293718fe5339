import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const importCounts = z.object({
  rows: z.number(),
  created: z.number(),
  merged: z.number(),
  rejected: z.number(),
});
const recordSchema = z.object({
  run: z.number().int().min(1),
  campaignId: z.string().nullable(),
  source: z.object({
    audience: z.string().nullable(),
    mapping: z.string(),
    scenario: z.string(),
    people: z.number(),
  }),
  import: importCounts.nullable(),
});

/** What one demonstration was made of: a later one can look after its campaign. */
export type RunRecord = z.infer<typeof recordSchema>;

export interface RunRecords {
  readonly earlier: readonly RunRecord[];
  readonly next: number;
  write(record: RunRecord): void;
}

/** Records of the demonstrations on this data folder. One that cannot be read counts, and is nobody's. */
export function openRunRecords(dataDir: string): RunRecords {
  const dir = join(dataDir, 'demo-runs');
  mkdirSync(dir, { recursive: true });
  const names = existsSync(dir) ? readdirSync(dir).filter((name) => /^\d+\.json$/.test(name)) : [];
  const earlier = names.flatMap((name): RunRecord[] => {
    try {
      return [recordSchema.parse(JSON.parse(readFileSync(join(dir, name), 'utf8')))];
    } catch {
      return [];
    }
  });
  return {
    earlier,
    next: Math.max(0, ...names.map((name) => parseInt(name, 10))) + 1,
    write: (record) => writeFileSync(join(dir, `${record.run}.json`), `${JSON.stringify(record, null, 2)}\n`),
  };
}
