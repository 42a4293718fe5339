import type { Sql } from './db';
import { DISMISS_PAUSE_HOURS } from './in-app-store';

const IN_APP_KEPT_DAYS = 90;
/** Events that could not be used, mended or not. */
const DEAD_LETTERS_KEPT_DAYS = 90;
/** How long a merge of two profiles can be undone. */
const MERGES_UNDONE_DAYS = 365;
/** A proof on the wire for so long is no longer anybody's: its worker died. */
const PROOF_LOST_HOURS = 1;

/** Rows taken away. */
export interface Swept {
  readonly messageValues: number;
  readonly inAppMessages: number;
  readonly proofAddresses: number;
  readonly deadLetters: number;
  readonly mergeSnapshots: number;
}

/**
 * Takes away personal values that have served: those of service messages that have ended, messages in the application
 * that have expired or are old, addresses of proofs that have ended, events that could not be used and are old, what old
 * merges of profiles could be undone by. Goes on in batches, each a transaction of its own, until nothing is left. `identity`: the pool that may see them.
 */
export async function sweepPersonal(identity: Sql, batch = 1_000): Promise<Swept> {
  return {
    messageValues: await untilFew(
      batch,
      () => identity`
        delete from identity.message_values where message_id in (
          select v.message_id from identity.message_values v left join messages m on m.id = v.message_id
          where m.id is null or m.settled_at is not null limit ${batch})`,
    ),
    // One waved away of late still keeps the others back.
    inAppMessages: await untilFew(
      batch,
      () => identity`
        delete from identity.in_app_messages where delivery_id in (
          select delivery_id from identity.in_app_messages
          where (expires_at <= clock_timestamp() or published_at <= clock_timestamp() - make_interval(days => ${IN_APP_KEPT_DAYS}))
            and coalesce(dismissed_at, '-infinity') <= clock_timestamp() - make_interval(hours => ${DISMISS_PAUSE_HOURS})
          limit ${batch})`,
    ),
    proofAddresses: await untilFew(
      batch,
      () => identity`
        delete from identity.proof_addresses where proof_id in (
          select a.proof_id from identity.proof_addresses a left join proofs p on p.id = a.proof_id
          where p.id is null or p.state in ('sent', 'failed')
            or (p.state = 'uncertain' and p.not_before <= clock_timestamp() - make_interval(hours => ${PROOF_LOST_HOURS}))
          limit ${batch})`,
    ),
    mergeSnapshots: await untilFew(
      batch,
      () => identity`
        delete from identity.merge_snapshots where merge_id in (
          select s.merge_id from identity.merge_snapshots s left join profile_merges m on m.id = s.merge_id
          where m.id is null or m.merged_at <= clock_timestamp() - make_interval(days => ${MERGES_UNDONE_DAYS}) limit ${batch})`,
    ),
    deadLetters: await untilFew(
      batch,
      () => identity`
        delete from identity.event_dead_letters where id in (
          select id from identity.event_dead_letters
          where received_at <= clock_timestamp() - make_interval(days => ${DEAD_LETTERS_KEPT_DAYS}) limit ${batch})`,
    ),
  };
}

/** Deletes batch after batch until one is not full. */
async function untilFew(
  batch: number,
  remove: () => PromiseLike<{ readonly count: number }>,
): Promise<number> {
  let removed = 0;
  for (;;) {
    const { count } = await remove();
    removed += count;
    if (count < batch) return removed;
  }
}
