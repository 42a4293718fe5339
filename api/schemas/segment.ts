import { z } from 'zod';
import { ruleSchema } from '../../domain/segments/rule';
import { CHANNELS } from '../../domain/shared/words';

export const segmentSchema = z
  .object({
    key: z.string(),
    version: z.int(),
    name: z.string(),
    rule: ruleSchema,
    createdBy: z.string(),
    createdAt: z.string(),
    liveVersion: z.int().nullable().describe('The version that counts; null: none is live yet.'),
  })
  .meta({ id: 'Segment' });

export const liveSegmentSchema = z
  .object({
    key: z.string(),
    version: z.int(),
    liveBy: z.string(),
    liveAt: z.date(),
    builtAt: z.date().nullable().describe('null: its first members are still being found.'),
  })
  .meta({ id: 'LiveSegment' });

const value = z.union([z.string(), z.number(), z.boolean(), z.null()]);

interface Clause {
  readonly holds: boolean;
  readonly clause: unknown;
  readonly saw?: z.infer<typeof value> | Readonly<Record<string, z.infer<typeof value>>> | undefined;
  readonly parts?: readonly Clause[] | undefined;
}

/** A clause of the rule and what it saw. */
export const clauseSchema: z.ZodType<Clause> = z
  .lazy(() =>
    z.object({
      holds: z.boolean(),
      clause: z.unknown().describe('The clause as the rule has it; `all`, `any`, `not` where it has parts.'),
      saw: z.union([value, z.record(z.string(), value).readonly()]).optional(),
      parts: z.array(clauseSchema).readonly().optional(),
    }),
  )
  .meta({ id: 'ExplainedClause' });

const ids = z.array(z.int()).readonly().describe('The first ten.');
const person = z.object({ profileId: z.int(), why: clauseSchema });

export const simulationSchema = z
  .object({
    key: z.string(),
    version: z.int().nullable().describe('null: a rule that was tried without being kept.'),
    asOf: z.date(),
    profiles: z.int(),
    size: z.int(),
    change: z
      .object({
        version: z.int(),
        entering: z.int(),
        leaving: z.int(),
        staying: z.int(),
        enteringIds: ids,
        leavingIds: ids,
      })
      .nullable()
      .describe('Against the live version; null: none is.'),
    overlaps: z.array(z.object({ segment: z.string(), members: z.int(), both: z.int() })).readonly(),
    distributions: z
      .array(
        z.object({
          attribute: z.string(),
          values: z.array(z.object({ value: z.string(), people: z.int() })).readonly(),
          others: z.int(),
          missing: z.int(),
          quartiles: z
            .array(z.number())
            .readonly()
            .nullable()
            .describe('Of numbers: least, quarter, half, three quarters, most.'),
        }),
      )
      .readonly(),
    reachability: z
      .array(
        z.object({ channel: z.enum(CHANNELS), address: z.int(), suppressed: z.int(), consented: z.int() }),
      )
      .readonly(),
    inside: z.array(person).readonly(),
    outside: z.array(person).readonly().describe('People who fail by little come first.'),
  })
  .meta({ id: 'Simulation' });
