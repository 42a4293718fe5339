import postgres from 'postgres';
import type { Db, Sql } from '../../store/db';
import { freshDatabase, type FreshDatabase } from './database';

/** A node of a plan, as PostgreSQL writes it in JSON. */
interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

export interface Explained {
  readonly statement: string;
  /** Tables read from end to end. */
  readonly scans: readonly string[];
}

export interface ExplainedDatabase {
  /** Of pools that tell the plan of each statement they run, also of those inside functions and triggers. */
  readonly db: Db;
  readonly fresh: FreshDatabase;
  /** What `work` ran. */
  plansOf(work: () => Promise<unknown>): Promise<Explained[]>;
  analyze(): Promise<void>;
  close(): Promise<void>;
}

const scansOf = (node: PlanNode): string[] => [
  ...(node['Node Type'] === 'Seq Scan' ? [node['Relation Name'] ?? ''] : []),
  ...(node.Plans ?? []).flatMap(scansOf),
];

/**
 * A database whose own statements are explained as they run, with the parameters they run with: what the stores send,
 * not what a test believes they send. PostgreSQL's auto_explain writes the plans as notices.
 */
export async function explainedDatabase(
  load: (db: Db) => Promise<void>,
  connections = 4,
): Promise<ExplainedDatabase> {
  const fresh = await freshDatabase(1);
  // Before plans are told: a foreign key's look for each of a hundred thousand rows would be one.
  await load(fresh.db);
  const name = new URL(fresh.url).pathname.slice(1);
  const admin = postgres(fresh.url, { max: 1, onnotice: () => {} });
  for (const [key, value] of Object.entries({
    session_preload_libraries: 'auto_explain',
    'auto_explain.log_min_duration': '0',
    'auto_explain.log_nested_statements': 'on',
    'auto_explain.log_format': 'json',
    'auto_explain.log_level': 'notice',
    'auto_explain.log_parameter_max_length': '0',
  }))
    await admin.unsafe(`alter database ${name} set ${key} = '${value}'`);

  await admin`analyze`;

  let heard: Explained[] | null = null;
  const onnotice = ({ message }: postgres.Notice): void => {
    const json = message?.slice(message.indexOf('{'));
    if (heard === null || json === undefined || !message?.startsWith('duration:')) return;
    const told: { 'Query Text': string; Plan: PlanNode } = JSON.parse(json);
    heard.push({ statement: told['Query Text'], scans: [...new Set(scansOf(told.Plan))] });
  };
  const pool = (role: string, max = connections): Sql =>
    postgres(fresh.url, {
      max,
      types: { bigint: { to: 20, from: [20], serialize: String, parse: Number } },
      connection: { role, search_path: 'boucle' },
      onnotice,
    });
  const db: Db = {
    app: pool('boucle_app'),
    identity: pool('boucle_identity'),
    session: () => pool('boucle_app', 1),
    close: async () => {
      await Promise.all([db.app.end({ timeout: 5 }), db.identity.end({ timeout: 5 })]);
    },
  };
  return {
    db,
    fresh,
    plansOf: async (work) => {
      heard = [];
      await work();
      const plans = heard;
      heard = null;
      return plans;
    },
    analyze: async () => void (await admin`analyze`),
    close: async () => {
      await admin.end();
      await db.close();
      await fresh.close();
    },
  };
}
