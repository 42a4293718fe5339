import { BoucleError } from '../domain/shared/errors';
import { definitionOf, readMadeOfStored, readScenario } from './audience-definition';
import { consideredSql, type AudienceDefinition } from './audience-sql';
import type { Sql, Tx } from './db';
import { reading } from './reading';

/** A frozen audience beside what the same definition, moment and seed make of people as they are now. */
export interface RemadeAudience {
  readonly asOf: Date;
  /** In both, at the same place. */
  readonly same: number;
  /** In both at another part, arm, persona or bucket. */
  readonly moved: number;
  /** Frozen, and now kept out or no longer matching. */
  readonly gone: number;
  /** Not frozen, and now in. */
  readonly come: number;
}

/** Writes nothing. Throws not-found, and conflict before the freeze or where what it was made of was not kept yet. */
export const remakeAudience = (sql: Sql, campaignId: string): Promise<RemadeAudience> =>
  reading(sql, async (tx) => {
    const definition = await frozenDefinition(tx, campaignId);
    const [row] = await tx<Omit<RemadeAudience, 'asOf'>[]>`
      with ${consideredSql(tx, definition)}, made as materialized (
        select id, part, arm, persona, bucket from considered where reason is null
      ),
      frozen as materialized (
        select profile_id, part, arm, persona, bucket from audience_members where campaign_id = ${campaignId}
      )
      select
        count(*) filter (where m.id = f.profile_id and (m.part, m.arm, m.persona, m.bucket) is not distinct from (f.part, f.arm, f.persona, f.bucket)) as same,
        count(*) filter (where m.id = f.profile_id and (m.part, m.arm, m.persona, m.bucket) is distinct from (f.part, f.arm, f.persona, f.bucket)) as moved,
        count(*) filter (where m.id is null) as gone,
        count(*) filter (where f.profile_id is null) as come
      from made m full join frozen f on f.profile_id = m.id`;
    if (row === undefined) throw new Error('a count answers one row');
    return { asOf: definition.asOf, ...row };
  });

/** What a freeze was made of, as it was kept. Throws not-found, conflict. */
export async function frozenDefinition(tx: Sql | Tx, campaignId: string): Promise<AudienceDefinition> {
  const [row] = await tx<{ scenario: unknown; seed: string; made_of: unknown; as_of: Date | null }[]>`
    select c.scenario, c.seed, a.definition as made_of, a.as_of
    from campaigns c left join audiences a on a.campaign_id = c.id where c.id = ${campaignId}`;
  if (row === undefined) throw new BoucleError('not-found', 'No such campaign.');
  const madeOf = readMadeOfStored(row.made_of);
  if (madeOf === null || row.as_of === null)
    throw new BoucleError('conflict', 'The audience is not frozen, or was before its definition was kept.');
  return definitionOf(readScenario(row.scenario), row.seed, madeOf, row.as_of);
}
