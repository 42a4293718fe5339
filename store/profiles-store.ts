import type postgres from 'postgres';
import type { Scalar } from '../domain/profiles/cells';
import { CALL_STEPS } from '../domain/profiles/steps';
import type { ProfilePatch } from '../domain/profiles/profile-patch';
import type { ProfileRef } from '../domain/events/event';
import type { Db, Sql } from './db';
import { resolveProfileRefs } from './profile-refs';
import { mergePatches, type MergeOutcome } from './profiles-merge';
import { fieldOrigins, originOf, type FieldOrigin } from './provenance';
import { noteArrival } from './sources-store';

/** A profile without identity: what everybody but rendering, sending and privacy requests may see. */
export interface ProfileView {
  readonly id: number;
  readonly market: string;
  readonly area: string | null;
  readonly locale: string;
  readonly timezone: string | null;
  readonly attributes: Readonly<Record<string, Scalar>>;
  /** What Boucle keeps up of them (domain/segments/derived.ts). */
  readonly derived: Readonly<Record<string, Scalar | null>>;
  readonly doubtful: readonly string[];
  readonly reachable: { readonly email: boolean; readonly phone: boolean; readonly post: boolean };
  readonly source: string;
  /** The profile that stands for this one since they turned out to be one person; null: it stands for itself. */
  readonly mergedInto: number | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface ProfilesStore {
  get(id: number): Promise<ProfileView | null>;
  /** By id, customer key or e-mail. */
  find(ref: ProfileRef): Promise<ProfileView | null>;
  /** Those that stand for themselves, in order of id, after an id, at most `limit`. */
  list(page: { readonly after?: number; readonly limit: number }): Promise<ProfileView[]>;
  /** Merges one person as an import's row would be; the patch comes from domain/profiles/profile-input. */
  upsert(patch: ProfilePatch, source: string): Promise<MergeOutcome>;
  /** Where each field came from. */
  origins(id: number): Promise<FieldOrigin[]>;
  /** The profile id of each reference in order, null where nobody is known by it; one statement. */
  resolveRefs(refs: readonly ProfileRef[]): Promise<(number | null)[]>;
}

const DEFAULTS = { market: 'FR', locale: 'fr' };

export function createProfilesStore(db: Db, pepper: string): ProfilesStore {
  const get = async (id: number): Promise<ProfileView | null> =>
    (await views(db.app, db.app`id = ${id}`, 1))[0] ?? null;
  return {
    get,
    find: async (ref) => {
      const [id] = await resolveProfileRefs(db.app, pepper, [ref]);
      return id === undefined || id === null ? null : get(id);
    },
    list: ({ after, limit }) => views(db.app, db.app`id > ${after ?? 0} and merged_into is null`, limit),
    upsert: async (patch, source) => {
      const [outcome] = await db.identity.begin((tx) =>
        mergePatches(tx, pepper, source, DEFAULTS, [patch], (t) =>
          originOf(t, { source, importId: null, steps: CALL_STEPS }),
        ),
      );
      await noteArrival(db.app, source);
      if (outcome === undefined) throw new Error('one patch answers one outcome');
      return outcome;
    },
    origins: (id) => fieldOrigins(db.app, id),
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
  derived: Record<string, Scalar | null>;
  doubtful: string[];
  has_email: boolean;
  has_phone: boolean;
  has_post: boolean;
  source: string;
  merged_into: number | null;
  created_at: Date;
  updated_at: Date;
}

async function views(sql: Sql, which: postgres.Fragment, limit: number): Promise<ProfileView[]> {
  const rows = await sql<ViewRow[]>`
    select id, market, area, locale, timezone, attributes, derived, doubtful, email_fp is not null as has_email,
      phone_fp is not null as has_phone, postal_fp is not null as has_post, source, merged_into, created_at, updated_at
    from profiles where ${which} order by id limit ${limit}`;
  return rows.map((r) => ({
    id: r.id,
    market: r.market,
    area: r.area,
    locale: r.locale,
    timezone: r.timezone,
    attributes: r.attributes,
    derived: r.derived,
    doubtful: r.doubtful,
    reachable: { email: r.has_email, phone: r.has_phone, post: r.has_post },
    source: r.source,
    mergedInto: r.merged_into,
    createdAt: r.created_at.toISOString(),
    updatedAt: r.updated_at.toISOString(),
  }));
}
