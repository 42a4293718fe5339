import type { Tx } from '../db';

/** A row of preferences as JSON; null: nobody has said anything. */
export type Preferences = Readonly<Record<string, unknown>> | null;

export async function preferencesOf(tx: Tx, id: number): Promise<Preferences> {
  const [row] = await tx<{ row: Readonly<Record<string, unknown>> }[]>`
    select to_jsonb(f) as row from preferences f where profile_id = ${id}`;
  return row?.row ?? null;
}

/** The stricter of both: the longer pause, every topic either refused, the fewer newsletters; else the later word. */
export async function joinPreferences(tx: Tx, kept: number, merged: number): Promise<void> {
  await tx`
    insert into preferences (profile_id, paused_until, preferred_channel, refused_topics, newsletter_limit, newsletter_days,
      send_hour, updated_by)
    select ${kept}, greatest(k.paused_until, m.paused_until),
      case when coalesce(k.updated_at >= m.updated_at, false) then coalesce(k.preferred_channel, m.preferred_channel)
        else coalesce(m.preferred_channel, k.preferred_channel) end,
      array(select distinct unnest(m.refused_topics || coalesce(k.refused_topics, '{}')) order by 1),
      case when fewer.theirs then m.newsletter_limit else k.newsletter_limit end,
      case when fewer.theirs then m.newsletter_days else k.newsletter_days end,
      case when coalesce(k.updated_at >= m.updated_at, false) then coalesce(k.send_hour, m.send_hour)
        else coalesce(m.send_hour, k.send_hour) end,
      'profile-merge'
    from preferences m left join preferences k on k.profile_id = ${kept}
    cross join lateral (select m.newsletter_limit is not null and (k.newsletter_limit is null
      or m.newsletter_limit * k.newsletter_days < k.newsletter_limit * m.newsletter_days) as theirs) fewer
    where m.profile_id = ${merged}
    on conflict (profile_id) do update set paused_until = excluded.paused_until,
      preferred_channel = excluded.preferred_channel, refused_topics = excluded.refused_topics,
      newsletter_limit = excluded.newsletter_limit, newsletter_days = excluded.newsletter_days,
      send_hour = excluded.send_hour, updated_at = now(), updated_by = excluded.updated_by`;
}

/** As they were before, unless somebody has said something since. The merged profile's own were never touched. */
export async function partPreferences(
  tx: Tx,
  kept: number,
  before: Preferences,
  after: Preferences,
): Promise<void> {
  const { count } = await tx`
    delete from preferences f where profile_id = ${kept} and to_jsonb(f) = ${JSON.stringify(after)}::text::jsonb`;
  if (count > 0 && before !== null)
    await tx`
      insert into preferences
      select (jsonb_populate_record(null::preferences, ${JSON.stringify(before)}::text::jsonb)).*`;
}
