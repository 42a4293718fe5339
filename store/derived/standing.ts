import type { JudgedState, Standing } from '../../domain/segments/lifecycle';
import { lifecycleStateSchema } from '../../domain/segments/lifecycle';
import { resolveRule } from '../../domain/segments/resolve';
import { touchesOf, type Touches } from '../../domain/segments/touches';
import type { Sql, Tx } from '../db';

/** What people's states and interests are told by. */
export interface Upkeep {
  /** In their order. */
  readonly states: readonly JudgedState[];
  readonly touches: Touches;
  /** Types of events that raise interests. */
  readonly interestTypes: ReadonlySet<string>;
}

export async function readUpkeep(sql: Sql | Tx): Promise<Upkeep> {
  const rows = await sql<{ kind: string; key: string; definition: unknown; event: string | null }[]>`
    select kind, key, definition, definition ->> 'event' as event from policies
    where kind in ('lifecycle', 'interest') order by (definition ->> 'order')::int, key`;
  const states = rows
    .filter(({ kind }) => kind === 'lifecycle')
    .map(({ key, definition }) => ({
      state: key,
      rule: resolveRule(lifecycleStateSchema.parse(definition).rule, {
        liveRules: new Map(),
        means: new Map(),
      }),
    }));
  return {
    states,
    touches: touchesOf(states.map(({ rule }) => rule)),
    interestTypes: new Set(
      rows.flatMap(({ kind, event }) => (kind === 'interest' && event !== null ? [event] : [])),
    ),
  };
}

export async function writeStandings(
  tx: Tx,
  changed: readonly ({ readonly id: number } & Standing)[],
): Promise<void> {
  if (changed.length === 0) return;
  await tx`
    update profiles p set derived = (p.derived - '{state,behavior_cluster}'::text[])
      || jsonb_strip_nulls(jsonb_build_object('state', n.state, 'behavior_cluster', n.behavior_cluster))
    from json_to_recordset(${JSON.stringify(changed)}::text::json) n(id bigint, state text, behavior_cluster text)
    where p.id = n.id`;
}
