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
  /**
   * A client of one connection, as `app`, for a lock that must live as long as somebody's work; whoever opens it ends
   * it. Not a connection reserved from the pool: when one of those breaks, the driver's next write throws outside of
   * any promise and takes the process with it (porsager/postgres#1168).
   */
  session(): Sql;
  close(): Promise<void>;
}

/** bigint columns come back as numbers: ids and counts stay far below 2^53. */
const bigintAsNumber = {
  to: 20,
  from: [20],
  serialize: (value: number) => String(value),
  parse: (value: string) => Number(value),
};

/** After how many seconds a lost server is tried again: it is used again soon after it is back. */
const backoff = (retries: number): number => Math.min(0.1 * 2 ** retries, 2);

/** What the driver does wrong when its server goes away is mended where it is installed: `stack/mend-driver.mjs`. */
export function connect(url: string, max: number): Db {
  const pool = (role: string, connections = max): Sql =>
    postgres(url, {
      max: connections,
      // A lone connection is not recycled under the lock it holds.
      ...(connections === 1 ? { max_lifetime: null } : {}),
      types: { bigint: bigintAsNumber },
      connection: { role, search_path: 'boucle', application_name: `boucle ${role}` },
      backoff,
      onnotice: () => {},
    });
  const app = pool('boucle_app');
  const identity = pool('boucle_identity');
  return {
    app,
    identity,
    session: () => pool('boucle_app', 1),
    close: async () => {
      await Promise.all([app.end({ timeout: 5 }), identity.end({ timeout: 5 })]);
    },
  };
}
