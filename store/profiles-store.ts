import type { Scalar } from '../domain/profiles/cells';
import type { ProfilePatch } from '../domain/profiles/profile-patch';
import type { ProfileRef } from '../domain/events/event';
import type { Db, Sql } from './db';
import { resolveProfileRefs } from './profile-refs';
import { mergePatches, type MergeOutcome } from './profiles-merge';

/** A profile without identity: what everybody but rendering, sending and privacy requests may see. */
export interface ProfileView {
  readonly id: number;
  readonly market: string;
  readonly area: string | null;
  readonly locale: string;
  readonly timezone: string | null;
  readonly attributes: Readonly<Record<string, Scalar>>;
  readonly doubtful: readonly string[];
  readonly reachable: { readonly email: boolean; readonly phone: boolean; readonly post: boolean };
  readonly source: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface ProfilesStore {
  get(id: number): Promise<ProfileView | null>;
  /** By id, customer key or e-mail. */
  find(ref: ProfileRef): Promise<ProfileView | null>;
  /** In order of id, after an id, at most `limit`. */
  list(page: { readonly after?: number; readonly limit: number }): Promise<ProfileView[]>;
  /** Merges one person as an import's row would be; the patch comes from domain/profiles/profile-input. */
  upsert(patch: ProfilePatch, source: string): Promise<MergeOutcome>;
  /** The profile id of each reference in order, null where nobody is known by it; one statement. */
  resolveRefs(refs: readonly ProfileRef[]): Promise<(number | null)[]>;
}

const DEFAULTS = { market: 'FR', locale: 'fr' };

export function createProfilesStore(db: Db, pepper: string): ProfilesStore {
  const get = async (id: number): Promise<ProfileView | null> =>
    (await views(db.app, { from: id, to: id, limit: 1 }))[0] ?? null;
  return {
    get,
    find: async (ref) => {
      const [id] = await resolveProfileRefs(db.app, pepper, [ref]);
      return id === undefined || id === null ? null : get(id);
    },
    list: ({ after, limit }) => views(db.app, { from: (after ?? 0) + 1, to: Number.MAX_SAFE_INTEGER, limit }),
    upsert: async (patch, source) => {
      const [outcome] = await db.identity.begin((tx) => mergePatches(tx, pepper, source, DEFAULTS, [patch]));
      if (outcome === undefined) throw new Error('one patch answers one outcome');
      return outcome;
    },
    resolveRefs: (refs) => resolveProfileRefs(db.app, pepper, refs),
  };
}

interface ViewRow {
  id: number;
  market: string;
  area: string | null;
  locale: string;
  timezone: string | null;
  attributes: Record<string, Scalar>;
  doubtful: string[];
  has_email: boolean;
  has_phone: boolean;
  has_post: boolean;
  source: string;
  created_at: Date;
  updated_at: Date;
}

async function views(sql: Sql, range: { from: number; to: number; limit: number }): Promise<ProfileView[]> {
  const rows = await sql<ViewRow[]>`
    select id, market, area, locale, timezone, attributes, doubtful, email_fp is not null as has_email,
      phone_fp is not null as has_phone, postal_fp is not null as has_post, source, created_at, updated_at
    from profiles where id between ${range.from} and ${range.to} order by id limit ${range.limit}`;
  return rows.map((r) => ({
    id: r.id,
    market: r.market,
    area: r.area,
    locale: r.locale,
    timezone: r.timezone,
    attributes: r.attributes,
    doubtful: r.doubtful,
    reachable: { email: r.has_email, phone: r.has_phone, post: r.has_post },
    source: r.source,
    createdAt: r.created_at.toISOString(),
    updatedAt: r.updated_at.toISOString(),
  }));
}
