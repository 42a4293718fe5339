import postgres from 'postgres';

export type Sql = postgres.Sql<{ bigint: number }>;
export type Tx = postgres.TransactionSql<{ bigint: number }>;

/**
 * Two pools on one database. `app` cannot read the schema `identity` at all; `identity` can, and is handed only to
 * what renders for a person, sends to them or answers a privacy request (and to imports, which write it).
 */
export interface Db {
  readonly app: Sql;
  readonly identity: Sql;
  close(): Promise<void>;
}

/** bigint columns come back as numbers: ids and counts stay far below 2^53. */
const bigintAsNumber = {
  to: 20,
  from: [20],
  serialize: (value: number) => String(value),
  parse: (value: string) => Number(value),
};

export function connect(url: string, max: number): Db {
  const pool = (role: string): Sql =>
    postgres(url, {
      max,
      types: { bigint: bigintAsNumber },
      connection: { role, search_path: 'boucle', application_name: `boucle ${role}` },
      onnotice: () => {},
    });
  const app = pool('boucle_app');
  const identity = pool('boucle_identity');
  return {
    app,
    identity,
    close: async () => {
      await Promise.all([app.end({ timeout: 5 }), identity.end({ timeout: 5 })]);
    },
  };
}
