import { offerFault, offerSchema, type Offer } from '../domain/offers/offer';
import { BoucleError } from '../domain/shared/errors';
import type { Sql, Tx } from './db';
import { matrixInUse } from './persona-matrix/in-use';

export type KnownOffer = Offer & {
  readonly code: string;
  readonly updatedBy: string;
  readonly updatedAt: Date;
};

interface Row {
  readonly code: string;
  readonly definition: unknown;
  readonly updated_by: string;
  readonly updated_at: Date;
}

const offer = (row: Row): KnownOffer => ({
  code: row.code,
  ...offerSchema.parse(row.definition),
  updatedBy: row.updated_by,
  updatedAt: row.updated_at,
});

export function createOffersStore(sql: Sql) {
  return {
    async list(): Promise<KnownOffer[]> {
      return (await sql<Row[]>`select * from offers order by code`).map(offer);
    },

    async get(code: string): Promise<KnownOffer | null> {
      const [row] = await sql<Row[]>`select * from offers where code = ${code}`;
      return row === undefined ? null : offer(row);
    },

    async put(code: string, definition: Offer, by: string): Promise<KnownOffer> {
      const [row] = await sql<Row[]>`
        insert into offers (code, definition, updated_by) values (${code}, ${JSON.stringify(definition)}::text::jsonb, ${by})
        on conflict (code) do update
          set definition = excluded.definition, updated_by = excluded.updated_by, updated_at = now()
        returning *`;
      if (row === undefined) throw new Error('an upsert answers its row');
      return offer(row);
    },

    /**
     * Answers whether it was there. Throws offer-in-use where the matrix in use, one that waits for approval or that of a
     * campaign that has not ended names it.
     */
    remove: (code: string): Promise<boolean> =>
      sql.begin(async (tx) => {
        // Held before its uses are looked for: a matrix that names it is written before or finds it gone (offersNamed).
        const { count } = await tx`select from offers where code = ${code} for update`;
        if (count === 0) return false;
        await unused(tx, code);
        await tx`delete from offers where code = ${code}`;
        return true;
      }),
  };
}

export type OffersStore = ReturnType<typeof createOffersStore>;

/** Those of these codes that are offers. `held`: none of them can be taken away before the transaction ends. */
export async function offersNamed(
  sql: Sql | Tx,
  codes: readonly string[],
  { held = false }: { readonly held?: boolean } = {},
): Promise<ReadonlyMap<string, Offer>> {
  const rows = await sql<Row[]>`
    select * from offers where code = any(${[...codes]}::text[]) order by code ${held ? sql`for key share` : sql``}`;
  return new Map(rows.map((row) => [row.code, offer(row)]));
}

/** Personas of the campaign's matrix whose offer people of this market cannot be given now. */
export async function personasWithoutOffer(
  sql: Sql | Tx,
  campaignId: string,
  where: { readonly market: string; readonly now: Date },
): Promise<string[]> {
  const rows = await sql<(Row & { readonly persona: string })[]>`
    select r.segment_id as persona, o.*
    from campaigns c join persona_matrix_rows r on r.version = c.matrix_version join offers o on o.code = r.offer_code
    where c.id = ${campaignId} and (o.definition ? 'until' or o.definition -> 'markets' <> '[]')`;
  return rows.filter((row) => offerFault(row.code, offer(row), where) !== null).map(({ persona }) => persona);
}

async function unused(tx: Tx, code: string): Promise<void> {
  const uses = await tx<{ version: number; segment_id: string }[]>`
    select r.version, r.segment_id from persona_matrix_rows r join persona_matrix_versions v using (version)
    where r.offer_code = ${code} and (
      v.state = 'proposed'
      or v.version = ${matrixInUse(tx)}
      or exists (select from campaigns c where c."end" is null and c.matrix_version = v.version))
    order by 1, 2 limit 20`;
  if (uses.length === 0) return;
  throw new BoucleError(
    'offer-in-use',
    'A persona matrix names this offer.',
    uses.map((use) => ({ path: '/path/code', message: `row ${use.segment_id} of version ${use.version}` })),
  );
}
