import type { SendOutcome } from '../../domain/delivery/ports';
import type { Channel } from '../../domain/shared/words';
import { arrayLiteral } from '../array-literal';
import type { Sql, Tx } from '../db';
import { recordCtes } from './record-sql';
import { stillAllowed, type StillAllowed } from './still-allowed-sql';

export interface DeliveryOutcome {
  readonly id: number;
  /** The one it was handed over on. */
  readonly channel: Channel;
  readonly outcome: SendOutcome;
  /** Of an accepted one, millionths of a euro; left out or null, what was reserved stands. */
  readonly costMicros?: number | null;
}

export interface Turn {
  readonly outcomes: readonly DeliveryOutcome[];
  /** Claimed rows about to be handed over. */
  readonly mark: readonly number[];
  /** Backend that holds the shard's lock. null: outcomes only, nothing may be marked. */
  readonly backendPid: number | null;
  /** All the wave may use: a failure on one of them is planned again for the next. */
  readonly channels: readonly Channel[];
  /** Asked again of each row that is marked; left out, what the gate said stands. */
  readonly still?: StillAllowed;
}

/** From so many outcomes on the planner would hash the whole ledger instead of looking each of them up. */
const MANY = 200;

/**
 * Records what became of messages and marks the next ones `sending`, in one statement, so that the rows marked are
 * never more than the messages that may be on the wire. Marks nothing while the campaign is held: a pause is in
 * force for the very next message; nor somebody who said no, or whose address died, since the gate judged them. Answers
 * the ids that were marked.
 *
 * A contact stays reserved exactly while its row is claimed, sending, accepted or uncertain; so does its cost. An
 * `uncertain` row may still learn what became of it, from an attempt that outlived its lock or from the provider; it
 * is never sent again, on no channel.
 */
export async function turn(
  sql: Sql,
  { outcomes, mark, backendPid, channels, still }: Turn,
): Promise<number[]> {
  const statement = (on: Sql | Tx) => on<{ id: number }[]>`
    with ${recordCtes(on, { outcomes, backendPid, channels })}
    -- Joined by an expression: by the bare column the planner may go through the key of the whole campaign at each turn.
    marked as (
      update deliveries d set state = 'sending' from campaigns c
      where d.id = any(${arrayLiteral(mark)}::bigint[]) and d.state = 'claimed'
        and c.id = d.campaign_id || '' and c.hold = 'run' and pg_backend_pid() = ${backendPid}
        ${still === undefined ? on`` : stillAllowed(on, still)}
      returning d.id
    )
    select id from marked`;
  const rows =
    outcomes.length < MANY ? await statement(sql) : await sql.begin((tx) => lookedUp(tx, statement(tx)));
  return rows.map((row) => row.id);
}

async function lookedUp<T>(tx: Tx, statement: Promise<T>): Promise<T> {
  const [, answer] = await Promise.all([tx`set local enable_hashjoin = off`, statement]);
  return answer;
}
