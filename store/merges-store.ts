import { again } from './again';
import type { Db } from './db';
import { mergeProfiles, undoMerge, type MergeRequest } from './profile-merging';

export interface MergeView {
  readonly id: number;
  readonly kept: number;
  readonly merged: number;
  readonly reason: string;
  readonly source: string;
  /** The source whose value stands, by field and `attributes.<name>`. */
  readonly won: Readonly<Record<string, string>>;
  readonly mergedBy: string;
  readonly mergedAt: Date;
  readonly undoneBy: string | null;
  readonly undoneAt: Date | null;
}

/** Profiles that turned out to be one person. */
export function createMergesStore(db: Db, pepper: string) {
  const columns = db.app`id, kept, merged, reason, source, won, merged_by as "mergedBy", merged_at as "mergedAt",
    undone_by as "undoneBy", undone_at as "undoneAt"`;
  const get = async (id: number): Promise<MergeView | null> =>
    (await db.app<MergeView[]>`select ${columns} from profile_merges where id = ${id}`)[0] ?? null;
  return {
    get,

    /** Throws not-found, conflict (store/profile-merging.ts). Answers its id. */
    merge: async (request: MergeRequest): Promise<number> =>
      (await again(() => db.identity.begin((tx) => mergeProfiles(tx, pepper, request)))).id,

    /** Throws not-found, conflict. */
    undo: async (id: number, by: string): Promise<void> => {
      await again(() => db.identity.begin((tx) => undoMerge(tx, pepper, id, by)));
    },

    /** Those a profile was kept or merged in, newest first. */
    of: async (profileId: number, limit: number): Promise<MergeView[]> => [
      ...(await db.app<MergeView[]>`
        select ${columns} from profile_merges
        where kept = ${profileId} or merged = ${profileId} order by id desc limit ${limit}`),
    ],
  };
}

export type MergesStore = ReturnType<typeof createMergesStore>;
