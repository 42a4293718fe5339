import type { JSONValue } from 'postgres';
import { rolesThatMayActAs } from '../domain/shared/roles';
import type { Sql } from './db';

export interface InboxRow {
  /** Slack's trigger id: one per click. */
  readonly id: string;
  readonly payload: unknown;
  /** Counting this one. */
  readonly attempts: number;
}

/** What came in from Slack and waits to be carried on. */
export function createSlackInboxStore(sql: Sql) {
  return {
    /** Once by id; false: it was there already. */
    async receive(id: string, payload: object): Promise<boolean> {
      const json: JSONValue = JSON.parse(JSON.stringify(payload));
      const rows = await sql`
        insert into slack_inbox (id, payload) values (${id}, ${sql.json(json)})
        on conflict (id) do nothing returning id`;
      return rows.length > 0;
    },

    /**
     * Takes up to `limit` rows that are due, for `leaseSeconds`: no other poller gets them meanwhile, and they are
     * due again after it if whoever took them died.
     */
    async claim(limit: number, leaseSeconds: number): Promise<InboxRow[]> {
      const rows = await sql<InboxRow[]>`
        update slack_inbox set attempts = attempts + 1, not_before = clock_timestamp() + make_interval(secs => ${leaseSeconds})
        where id in (
          select id from slack_inbox where handled_at is null and not_before <= clock_timestamp()
          order by received_at limit ${limit} for update skip locked
        )
        returning id, payload, attempts`;
      return [...rows];
    },

    /** `answer`: what was said to the person, or a code where there was nobody to answer. */
    async settle(id: string, answer: string): Promise<void> {
      await sql`update slack_inbox set handled_at = clock_timestamp(), answer = ${answer} where id = ${id} and handled_at is null`;
    },

    async postpone(id: string, seconds: number): Promise<void> {
      await sql`
        update slack_inbox set not_before = clock_timestamp() + make_interval(secs => ${seconds})
        where id = ${id} and handled_at is null`;
    },

    /** The principal behind a Slack user who may approve; null: nobody known, revoked, or without a role that may. */
    async approverBySlackUser(slackUser: string): Promise<string | null> {
      const [row] = await sql<{ principal: string }[]>`
        select principal from api_keys
        where slack_user = ${slackUser} and revoked_at is null and roles && ${rolesThatMayActAs('approver')}::text[]`;
      return row?.principal ?? null;
    },
  };
}

export type SlackInboxStore = ReturnType<typeof createSlackInboxStore>;
