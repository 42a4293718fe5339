import { diffWords, matrixDiff } from '../../domain/segments/persona-matrix-diff';
import type { MatrixNotice } from '../../domain/segments/persona-matrix-notice';
import { REVIEWED_WITHIN_DAYS } from '../../domain/segments/persona-matrix-review';
import { BoucleError, type Fault } from '../../domain/shared/errors';
import type { Sql } from '../db';
import { proposeIn } from '../persona-matrix-store';
import { matrixInUse } from './in-use';
import { approvedBefore, matrixRows, type MatrixState } from './read';

/** Longer than Slack may take; what was not told by then is told again. */
const LEASE_SECONDS = 60;
/** Of a cell, in a message: the whole diff is in the API. */
const CELL_MAX = 80;
/** Enough to hold the heads of whatever branches were read. */
const SEEN_MAX = 100;
const REVIEW = 'persona-matrix-review';

/** Something to tell, and what notes that it was told. */
export interface DueNotice {
  readonly notice: MatrixNotice;
  readonly told: () => Promise<void>;
}

export interface Decided {
  readonly version: number;
  readonly state: MatrixState;
  readonly author: string;
  readonly decidedBy: string;
}

/** What happens around the matrix by itself: commits taken in, the folder written, people told, the review reminded of. */
export function createMatrixDuties(sql: Sql) {
  return {
    /** The commits that were read last: with them, all that went before them was. */
    async seen(): Promise<string[]> {
      const rows = await sql<{ commit: string }[]>`
        select commit from persona_matrix_commits order by seen_at desc limit ${SEEN_MAX}`;
      return rows.map(({ commit }) => commit);
    },

    /**
     * A commit to the file as a proposal of its author; one that has faults is noted with them. Once a commit, also where
     * its proposal was decided on since.
     */
    async takeIn(given: {
      readonly commit: string;
      readonly author: string;
      readonly message: string;
      readonly content: string;
    }): Promise<void> {
      const { commit, author } = given;
      const note = given.message === '' ? null : given.message.slice(0, 500);
      try {
        await sql.begin(async (tx) => {
          // Whoever reads the same commit waits here, and then leaves it.
          const { count } = await tx`
            insert into persona_matrix_commits (commit, author) values (${commit}, ${author}) on conflict do nothing`;
          if (count === 0) return;
          const version = await proposeIn(tx, given.content, author, note);
          await tx`update persona_matrix_commits set version = ${version} where commit = ${commit}`;
        });
      } catch (error) {
        if (!(error instanceof BoucleError) || error.code !== 'matrix-invalid') throw error;
        await sql`
          insert into persona_matrix_commits (commit, author, faults)
          values (${commit}, ${author}, ${JSON.stringify(error.faults)}::text::jsonb) on conflict do nothing`;
      }
    },

    /** The earliest decision the knowledge folder was not written after; null: there is none. */
    async unpublished(): Promise<Decided | null> {
      const [row] = await sql<Decided[]>`
        select version, state, created_by as author, decided_by as "decidedBy" from persona_matrix_versions
        where decided_at is not null and published_at is null order by decided_at, version limit 1`;
      return row ?? null;
    },

    async published(version: number): Promise<void> {
      await sql`
        update persona_matrix_versions set published_at = clock_timestamp()
        where published_at is null and version = ${version}`;
    },

    /** The next thing Slack is to hear; nobody else gets it while it is told. null: nothing is due. */
    async takeNotice(): Promise<DueNotice | null> {
      return (await takeVersion(sql)) ?? (await takeRefused(sql));
    },

    /**
     * The reminder of the review that was due at `dueAt`, once a week whatever the number of workers. null: it was given,
     * or somebody changed or confirmed the matrix in the week before.
     */
    async takeReview(dueAt: Date): Promise<DueNotice | null> {
      const [row] = await sql<{ version: number; since: Date }[]>`
        with touched as (
          select v.version, greatest(v.decided_at, (select max(reviewed_at) from persona_matrix_reviews)) as since
          from persona_matrix_versions v where v.version = ${matrixInUse(sql)}
        ), taken as (
          insert into refreshes as r (name, taken_until)
          select ${REVIEW}, clock_timestamp() + make_interval(secs => ${LEASE_SECONDS}) from touched
          where since < ${dueAt}::timestamptz - make_interval(days => ${REVIEWED_WITHIN_DAYS})
          on conflict (name) do update set taken_until = excluded.taken_until
          where coalesce(r.done_at, '-infinity') < ${dueAt} and coalesce(r.taken_until, '-infinity') < clock_timestamp()
          returning name
        )
        select version, since from touched, taken`;
      if (row === undefined) return null;
      return {
        notice: { kind: 'review', ...row },
        told: async () =>
          void (await sql`
            update refreshes set done_at = greatest(clock_timestamp(), ${dueAt}), taken_until = null where name = ${REVIEW}`),
      };
    },
  };
}

export type MatrixDuties = ReturnType<typeof createMatrixDuties>;

interface UntoldVersion {
  version: number;
  state: MatrixState;
  author: string;
  note: string | null;
  decidedBy: string | null;
  decisionNote: string | null;
}

/** A version that was decided before anybody heard of it is told once, as what became of it. */
async function takeVersion(sql: Sql): Promise<DueNotice | null> {
  const [row] = await sql<UntoldVersion[]>`
    update persona_matrix_versions v set taken_until = clock_timestamp() + make_interval(secs => ${LEASE_SECONDS})
    where v.version = (
      select version from persona_matrix_versions
      where (told_at is null or (decided_at is not null and decision_told_at is null))
        and coalesce(taken_until, '-infinity') < clock_timestamp()
      order by version limit 1 for update skip locked
    )
    returning version, state, created_by as author, note, decided_by as "decidedBy", decision_note as "decisionNote"`;
  if (row === undefined) return null;
  const before = await approvedBefore(sql, row.version);
  const diff = matrixDiff(
    before === null ? [] : await matrixRows(sql, before),
    await matrixRows(sql, row.version),
  );
  const { state, ...rest } = row;
  return {
    notice: { kind: state, ...rest, changes: diffWords(diff, CELL_MAX) },
    told: async () =>
      void (await sql`
        update persona_matrix_versions set told_at = coalesce(told_at, clock_timestamp()), taken_until = null,
          decision_told_at = case when ${state} <> 'proposed' then clock_timestamp() end
        where version = ${row.version}`),
  };
}

async function takeRefused(sql: Sql): Promise<DueNotice | null> {
  const [row] = await sql<{ commit: string; author: string; faults: Fault[] }[]>`
    update persona_matrix_commits set taken_until = clock_timestamp() + make_interval(secs => ${LEASE_SECONDS})
    where commit = (
      select commit from persona_matrix_commits
      where version is null and told_at is null and coalesce(taken_until, '-infinity') < clock_timestamp()
      order by seen_at limit 1 for update skip locked
    )
    returning commit, author, faults`;
  if (row === undefined) return null;
  return {
    notice: { kind: 'refused', ...row },
    told: async () =>
      void (await sql`
        update persona_matrix_commits set told_at = clock_timestamp(), taken_until = null where commit = ${row.commit}`),
  };
}
