import { BoucleError } from '../domain/shared/errors';
import type { Channel } from '../domain/shared/words';
import type { Db } from './db';

export interface SeedAddress {
  readonly channel: Channel;
  readonly address: string;
}

export interface SeedList {
  readonly key: string;
  readonly name: string;
  readonly addresses: readonly SeedAddress[];
  readonly updatedBy: string;
  readonly updatedAt: Date;
}

export interface SeedListSummary extends Omit<SeedList, 'addresses'> {
  /** How many addresses it has of each channel. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Staff who get tests and proofs. Names are with the rest, addresses in identity. */
export function createSeedListsStore(db: Pick<Db, 'identity'>) {
  const sql = db.identity;
  const summary = sql`
    l.key, l.name, l.updated_by as "updatedBy", l.updated_at as "updatedAt",
    coalesce((
      select jsonb_object_agg(c.channel, c.n) from (
        select a.channel, count(*) as n from identity.seed_addresses a where a.list = l.key group by 1) c), '{}') as counts`;

  return {
    /** The whole list anew: an address that is left out is off it. */
    async put(list: Pick<SeedList, 'key' | 'name' | 'addresses'>, by: string): Promise<SeedListSummary> {
      return sql.begin(async (tx) => {
        await tx`
          insert into seed_lists (key, name, updated_by) values (${list.key}, ${list.name}, ${by})
          on conflict (key) do update set name = excluded.name, updated_by = excluded.updated_by, updated_at = now()`;
        await tx`delete from identity.seed_addresses where list = ${list.key}`;
        await tx`
          insert into identity.seed_addresses (list, channel, address)
          select ${list.key}, a.channel, a.address
          from unnest(${list.addresses.map((a) => a.channel)}::text[], ${list.addresses.map((a) => a.address)}::text[]) as a (channel, address)
          on conflict do nothing`;
        const [row] = await tx<
          SeedListSummary[]
        >`select ${summary} from seed_lists l where l.key = ${list.key}`;
        if (row === undefined) throw new BoucleError('internal', 'The list was not stored.');
        return row;
      });
    },

    async list(): Promise<SeedListSummary[]> {
      return [...(await sql<SeedListSummary[]>`select ${summary} from seed_lists l order by l.key`)];
    },

    async get(key: string): Promise<SeedList | null> {
      const [list] = await sql<Omit<SeedList, 'addresses'>[]>`
        select key, name, updated_by as "updatedBy", updated_at as "updatedAt" from seed_lists where key = ${key}`;
      if (list === undefined) return null;
      const addresses = await sql<SeedAddress[]>`
        select channel, address from identity.seed_addresses where list = ${key} order by channel, address`;
      return { ...list, addresses: [...addresses] };
    },

    /** Answers whether it was there. */
    async remove(key: string): Promise<boolean> {
      return sql.begin(async (tx) => {
        await tx`delete from identity.seed_addresses where list = ${key}`;
        const { count } = await tx`delete from seed_lists where key = ${key}`;
        return count > 0;
      });
    },

    /** Whether an address of a channel is on any list. */
    async holds({ channel, address }: SeedAddress): Promise<boolean> {
      const [row] = await sql`
        select 1 from identity.seed_addresses where channel = ${channel} and address = ${address} limit 1`;
      return row !== undefined;
    },
  };
}

export type SeedListsStore = ReturnType<typeof createSeedListsStore>;
