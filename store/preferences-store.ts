import type { Preferences } from '../domain/consent/preferences';
import { NO_PREFERENCES } from '../domain/consent/preferences';
import type { Channel } from '../domain/shared/words';
import type { Sql, Tx } from './db';

export interface KeptPreferences extends Preferences {
  /** null: the person never stated any. */
  readonly updatedAt: Date | null;
  readonly updatedBy: string | null;
}

interface Row {
  readonly paused_until: Date | null;
  readonly preferred_channel: Channel | null;
  readonly refused_topics: string[] | null;
  readonly newsletter_limit: number | null;
  readonly newsletter_days: string | null;
  readonly send_hour: number | null;
  readonly updated_at: Date | null;
  readonly updated_by: string | null;
}

/** What people wish about being written to. The gate reads the same table. */
export function createPreferencesStore(sql: Sql) {
  return {
    /** null: no such profile. */
    of: (profileId: number): Promise<KeptPreferences | null> => readPreferences(sql, profileId),

    /** Takes the place of what was there. Answers whether there is such a profile. */
    put: (profileId: number, preferences: Preferences, by: string): Promise<boolean> =>
      putPreferences(sql, profileId, preferences, by),
  };
}

export type PreferencesStore = ReturnType<typeof createPreferencesStore>;

export async function readPreferences(sql: Sql | Tx, profileId: number): Promise<KeptPreferences | null> {
  const [row] = await sql<Row[]>`
    select f.paused_until, f.preferred_channel, f.refused_topics, f.newsletter_limit, f.newsletter_days, f.send_hour,
      f.updated_at, f.updated_by
    from profiles p left join preferences f on f.profile_id = p.id where p.id = ${profileId}`;
  if (row === undefined) return null;
  const { newsletter_limit: limit, newsletter_days: days } = row;
  return {
    ...NO_PREFERENCES,
    pausedUntil: row.paused_until,
    preferredChannel: row.preferred_channel,
    refusedTopics: row.refused_topics ?? [],
    newsletter: limit === null || days === null ? null : { limit, days: Number(days) },
    sendHour: row.send_hour,
    updatedAt: row.updated_at,
    updatedBy: row.updated_by,
  };
}

export async function putPreferences(
  sql: Sql | Tx,
  profileId: number,
  preferences: Preferences,
  by: string,
): Promise<boolean> {
  const { pausedUntil, preferredChannel, refusedTopics, newsletter, sendHour } = preferences;
  const { count } = await sql`
    insert into preferences as f (profile_id, paused_until, preferred_channel, refused_topics, newsletter_limit,
      newsletter_days, send_hour, updated_by)
    select id, ${pausedUntil}, ${preferredChannel}, ${[...refusedTopics]}::text[], ${newsletter?.limit ?? null},
      ${newsletter?.days ?? null}, ${sendHour}, ${by}
    from profiles where id = ${profileId}
    on conflict (profile_id) do update set paused_until = excluded.paused_until, preferred_channel = excluded.preferred_channel,
      refused_topics = excluded.refused_topics, newsletter_limit = excluded.newsletter_limit,
      newsletter_days = excluded.newsletter_days, send_hour = excluded.send_hour, updated_at = now(), updated_by = excluded.updated_by`;
  return count > 0;
}
