-- Why: who is in a segment and why, true to the second and at a million. Sources and where each field came from, merges
-- that can be undone, events that could not be used, offers and products, segment versions that go live after a
-- simulation, memberships with their history, attributes that are kept up, a standing holdout, and a persona matrix that
-- a second person approves.

set local search_path = boucle;

-- Policies: more kinds ---------------------------------------------------------------------------------------

alter table policies drop constraint policies_kind_check;
alter table policies add constraint policies_kind_check check (kind in ('cap', 'quiet-hours', 'channel', 'unit-cost', 'rate',
  'event-type', 'consistency', 'lifecycle', 'interest', 'value', 'holdout'));

-- Sources ----------------------------------------------------------------------------------------------------

create table sources (
  key         text primary key,                  -- what a mapping names as its source
  definition  jsonb not null,                    -- {owner, format, every, graceSeconds, legalBasis, about, staleDays}
  last_at     timestamptz,                       -- the last file or call that came from it
  late_since  timestamptz,                       -- null: in time
  updated_by  text not null,
  updated_at  timestamptz not null default now()
);

-- What a field came through: one row a file or call, so that a profile keeps a small number per field.
create table origins (
  id         bigint generated always as identity primary key,
  source     text not null,
  import_id  text,
  steps      jsonb not null,                     -- {field: [step, …]}: how its value was read, from the mapping as it was
  at         timestamptz not null default now()
);

-- Where a profile's fields came from, {field or attributes.name: origin id}: as somebody came, whom thousands of the same
-- file share it with…
create table origin_sets (
  id     bigint generated always as identity primary key,
  digest bytea not null unique,                  -- of the fields
  fields jsonb not null
);

-- … and, once anything was said of them since, theirs alone; all of it, instead of the set.
create table profile_origins (
  profile_id bigint primary key,
  fields     jsonb not null
);

-- Profiles ---------------------------------------------------------------------------------------------------

alter table profiles
  add derived jsonb not null default '{}',       -- kept up by Boucle: RFM, value tier, state…; hides attributes of its names
  add merged_into bigint,                        -- null: stands for itself
  add origin_set bigint;                         -- null: from before origins were kept

create view field_origins (profile_id, fields) as
select p.id, coalesce(o.fields, s.fields)
from profiles p left join profile_origins o on o.profile_id = p.id left join origin_sets s on s.id = p.origin_set
where coalesce(o.fields, s.fields) is not null;

-- Every merge of two profiles, with what it takes to undo it.
create table profile_merges (
  id         bigint generated always as identity primary key,
  kept       bigint not null,
  merged     bigint not null,
  reason     text not null,                      -- the key they share, or 'by hand'
  source     text not null,
  won        jsonb not null,                     -- {field: the source whose value stands}
  merged_by  text not null,
  merged_at  timestamptz not null default now(),
  undone_by  text,
  undone_at  timestamptz
);
create unique index profile_merges_of on profile_merges (merged) where undone_at is null;
create index profile_merges_kept on profile_merges (kept);

-- The kept profile before and after: what differs from `after` when the merge is undone came later, and stays. The profile
-- that was merged away keeps its own rows as they are.
create table identity.merge_snapshots (
  merge_id bigint primary key,
  before   jsonb not null,
  after    jsonb not null
);

-- What came with a profile that was merged away keeps that profile's number beside the one it counts for now.
alter table profile_keys add original_id bigint;
-- A look at the profile for each of three million keys is a quarter of an import; a key goes with whoever takes the profile.
alter table profile_keys drop constraint profile_keys_profile_id_fkey;
alter table events add original_id bigint;
create index events_original on events (original_id) where original_id is not null;
alter table consent_events add original_id bigint;
alter table contacts add original_id bigint;
create index messages_open on messages (profile_id) where settled_at is null;
create index contacts_original on contacts (campaign_id, step, profile_id) where original_id is not null;
alter table devices add original_id bigint;
-- A merge moves those that were revoked too.
drop index devices_profile;
create index devices_profile on devices (profile_id);
create index profiles_merged on profiles (merged_into) where merged_into is not null;

-- The profile that stands for one that was merged away; itself otherwise.
create function standing(profile_id bigint) returns bigint language plpgsql stable as $$
declare
  found_id bigint := profile_id;
  into_id bigint;
begin
  loop
    select merged_into into into_id from boucle.profiles where id = found_id;
    if into_id is null then return found_id; end if;
    found_id := into_id;
  end loop;
end $$;

-- Old messages and their links go on naming a profile that was merged away: what comes by them counts for the one that was
-- kept. Here, because such rows are written in a dozen places, and a withdrawal that missed would go on being mailed.
create function follow_merge() returns trigger language plpgsql as $$
declare
  stands bigint := boucle.standing(new.profile_id);
begin
  if stands <> new.profile_id then
    new := jsonb_populate_record(new, jsonb_build_object('profile_id', stands)
      || case when tg_table_name = 'preferences' then '{}'
         else jsonb_build_object('original_id', coalesce(new.original_id, new.profile_id)) end);
    insert into boucle.profile_touches (profile_id) values (stands);
  end if;
  return new;
end $$;
create trigger follow_merge before insert on consent_events for each row execute function follow_merge();
create trigger follow_merge before insert on devices for each row execute function follow_merge();
create trigger follow_merge before insert on preferences for each row execute function follow_merge();

-- The same for events, once a statement: row by row it would take half as long again as writing them.
create function follow_merge_of_events() returns trigger language plpgsql as $$
begin
  if not exists (
    select from changed c where (select p.merged_into from boucle.profiles p where p.id = c.profile_id) is not null)
  then return null; end if;
  update boucle.events e
  set profile_id = boucle.standing(c.profile_id), original_id = coalesce(c.original_id, c.profile_id)
  from changed c join boucle.profiles p on p.id = c.profile_id and p.merged_into is not null
  where e.id = c.id;
  -- What they have raised: nothing else is left with a profile that was merged away.
  with gone as (
    delete from boucle.interests i using boucle.profiles p
    where p.id = i.profile_id and p.merged_into is not null and i.profile_id in (select profile_id from changed)
    returning i.*
  )
  insert into boucle.interests as i (profile_id, category, weight, events)
  select boucle.standing(profile_id), category, sum(weight), sum(events) from gone group by 1, 2 order by 1, 2
  on conflict (profile_id, category) do update set weight = i.weight + excluded.weight, events = i.events + excluded.events;
  return null;
end $$;
-- Named to come after what raises interests.
create trigger then_follow_merge after insert on events
  referencing new table as changed for each statement execute function follow_merge_of_events();

-- Telephones that are another profile's, and were given for this one too.
create table phone_claims (
  hash       bytea not null,
  profile_id bigint not null,
  primary key (hash, profile_id)
);

create table data_quality (
  day       date not null,
  source    text not null,
  field     text not null,
  profiles  bigint not null,
  missing   bigint not null,
  doubtful  bigint not null,
  stale     bigint not null,
  duplicate bigint not null,
  primary key (day, source, field)
);

-- Of no campaign: a feed that is late. null: it is still so, or nobody closes incidents of this kind.
alter table incidents add closed_at timestamptz;

-- Imports ----------------------------------------------------------------------------------------------------

alter table imports
  add format      text not null default 'csv' check (format in ('csv', 'ndjson')),
  add bytes_read  bigint not null default 0,     -- of `bytes`, for progress
  add encoding    text not null default 'identity' check (encoding in ('identity', 'gzip'));

-- Events -----------------------------------------------------------------------------------------------------

-- What could not be used, as it came (it names people): mended, it can be replayed.
create table identity.event_dead_letters (
  id          bigint generated always as identity primary key,
  event_id    text,
  reason      text not null,                     -- a stable code
  faults      jsonb not null default '[]',
  body        text not null,                     -- JSON, to the letter
  digest      text not null,                     -- of the body: what waits already is not kept twice
  received_at timestamptz not null default now(),
  received_by text not null,
  replayed_at timestamptz
);
create unique index event_dead_letters_open on identity.event_dead_letters (digest) where replayed_at is null;
create index event_dead_letters_received on identity.event_dead_letters (received_at);

create table offers (
  code       text primary key,
  definition jsonb not null,                     -- {name, from, until, conditions, markets}
  updated_by text not null,
  updated_at timestamptz not null default now()
);

-- What the matrices in use name must exist.
insert into offers (code, definition, updated_by)
select distinct offer_code, jsonb_build_object('name', left(offer_code, 120)), 'migration'
from persona_matrix_rows where trim(offer_code) !~* '^(|-|none|no|n/a|aucun|aucune|sans)$';

create table products (
  sku         text primary key,
  name        text not null,
  category    text not null,
  market      text,                              -- null: every market
  price_cents bigint,
  currency    text,
  url         text,
  image_url   text,
  active      boolean not null default true,
  updated_by  text not null,
  updated_at  timestamptz not null default now()
);
create index products_category on products (category);

-- Segments ---------------------------------------------------------------------------------------------------

alter table segments add language smallint not null default 1;  -- of the rule

create table segment_simulations (
  id         text primary key,
  key        text not null,
  version    int not null,
  report     jsonb not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  foreign key (key, version) references segments
);
create index segment_simulations_of on segment_simulations (key, version);

-- The version that counts. A version goes live only after a simulation of that very version.
create table live_segments (
  key        text primary key,
  version    int not null,
  live_by    text not null,
  live_at    timestamptz not null default now(),
  built_at   timestamptz,                        -- null: its first members are still being found
  foreign key (key, version) references segments
);
insert into live_segments (key, version, live_by, built_at)
select key, max(version), 'migration', null from segments group by key;

-- Which versions were live when.
create table segment_lives (
  key     text not null,
  version int not null,
  live_by text not null,
  from_at timestamptz not null default now(),
  to_at   timestamptz,
  primary key (key, from_at)
);
insert into segment_lives (key, version, live_by, from_at) select key, version, live_by, live_at from live_segments;

-- Means that rules compare with, taken at each refresh: {segment, attribute} → mean.
create table segment_means (
  segment   text not null,
  attribute text not null,
  mean      double precision,
  people    bigint not null,
  at        timestamptz not null default now(),
  primary key (segment, attribute)
);

-- Moves whenever what rules are compiled from has: live versions, means. Whoever holds compiled rules asks it.
create table rules_epoch (
  only_row boolean primary key default true check (only_row),
  epoch    bigint not null default 0
);
insert into rules_epoch default values;

create table segment_members (
  segment    text collate "C" not null,
  profile_id bigint not null,
  since      timestamptz not null default now(),
  primary key (segment, profile_id)
);
create index segment_members_profile on segment_members (profile_id);

create table membership_changes (
  id         bigint generated always as identity primary key,
  segment    text collate "C" not null,
  version    int not null,
  profile_id bigint not null,
  entered    boolean not null,                   -- false: left
  at         timestamptz not null default now(),
  cause      text not null check (cause in ('event', 'profile', 'time', 'version'))
);
create index membership_changes_profile on membership_changes (profile_id, id);
create index membership_changes_segment on membership_changes (segment, id);

-- When a profile is to be judged again though nothing happens to it. Its row is what judging a profile locks.
create table profile_clock (
  profile_id bigint primary key,
  due_at     timestamptz                         -- null: no live rule hangs on time for it
) with (fillfactor = 50);
create index profile_clock_due on profile_clock (due_at) where due_at is not null;

-- What live rules read, so that a change nobody asks about costs nothing: kind 'event' (a type), 'consent' (purpose and
-- channel), 'profile' (anything of the profile itself).
create table live_reads (
  kind   text not null,
  name   text not null,
  by    text not null check (by in ('segments', 'policies')),
  primary key (kind, name, by)
);
-- What somebody has spent is kept up whatever the policies say.
insert into live_reads (kind, name, by) values ('event', 'purchase', 'policies');

-- People to judge again because something about them changed. Appended to and taken from, never updated: whoever writes a
-- profile waits for nobody.
create table profile_touches (
  id         bigint generated always as identity primary key,
  profile_id bigint not null,
  not_before timestamptz                         -- who could not be judged is put off
);

-- Triggers, because what changes somebody is written in a dozen statements, each a part of something larger, and one that
-- forgot to say so would leave a segment wrong for good. Who judges in the same transaction says so (boucle.judging).
create function touch_by_events() returns trigger language plpgsql as $$
begin
  if current_setting('boucle.judging', true) = 'on' then return null; end if;
  insert into boucle.profile_touches (profile_id)
  select distinct e.profile_id from changed e
  where exists (select from boucle.live_reads r where r.kind = 'event' and r.name = e.type);
  return null;
end $$;

-- A click turns out to be a robot's; an event goes to the profile somebody was merged into.
create function touch_by_changed_events() returns trigger language plpgsql as $$
begin
  insert into boucle.profile_touches (profile_id)
  select distinct e.profile_id from (select profile_id, type from before union all select profile_id, type from changed) e
  where exists (select from boucle.live_reads r where r.kind = 'event' and r.name = e.type);
  return null;
end $$;

create function touch_by_consents() returns trigger language plpgsql as $$
begin
  insert into boucle.profile_touches (profile_id)
  select distinct c.profile_id from changed c
  where exists (select from boucle.live_reads r where r.kind = 'consent' and r.name = c.purpose || ' ' || c.channel);
  return null;
end $$;

create function touch_by_profiles() returns trigger language plpgsql as $$
begin
  if current_setting('boucle.judging', true) = 'on' then return null; end if;
  if exists (select from boucle.live_reads r where r.kind = 'profile') then
    insert into boucle.profile_touches (profile_id) select id from changed;
  end if;
  return null;
end $$;

create function touch_by_devices() returns trigger language plpgsql as $$
begin
  if exists (select from boucle.live_reads r where r.kind = 'profile') then
    insert into boucle.profile_touches (profile_id) select distinct profile_id from changed;
  end if;
  return null;
end $$;

create trigger touch_on_insert after insert on events
  referencing new table as changed for each statement execute function touch_by_events();
create trigger touch_on_update after update on events
  referencing old table as before new table as changed for each statement execute function touch_by_changed_events();
create trigger touch_on_insert after insert on consent_state
  referencing new table as changed for each statement execute function touch_by_consents();
create trigger touch_on_update after update on consent_state
  referencing new table as changed for each statement execute function touch_by_consents();
create trigger touch_on_insert after insert on profiles
  referencing new table as changed for each statement execute function touch_by_profiles();
create trigger touch_on_update after update on profiles
  referencing new table as changed for each statement execute function touch_by_profiles();
create trigger touch_on_insert after insert on devices
  referencing new table as changed for each statement execute function touch_by_devices();
create trigger touch_on_update after update on devices
  referencing new table as changed for each statement execute function touch_by_devices();

-- People are judged by these policies beside the live rules: what they read is noted, whoever holds compiled rules is told,
-- and everybody is judged again, whichever way a policy came here.
create function judge_by_policies() returns trigger language plpgsql as $$
begin
  if not exists (select from changed where kind in ('lifecycle', 'value', 'interest')) then return null; end if;
  update boucle.rules_epoch set epoch = epoch + 1;
  delete from boucle.live_reads where by = 'policies';
  insert into boucle.live_reads (kind, name, by)
  select distinct kind, name, 'policies' from (
    select 'event', 'purchase'
    union all
    select 'event', event #>> '{}' from boucle.policies p, jsonb_path_query(p.definition, '$.**.event') event
    where p.kind in ('lifecycle', 'interest')
    union all
    select 'consent', concat(asked ->> 'consent', ' ', asked ->> 'channel')
    from boucle.policies p, jsonb_path_query(p.definition, '$.** ? (exists(@.consent))') asked
    where p.kind = 'lifecycle'
    union all
    select 'profile', '*' from boucle.policies p where p.kind = 'lifecycle'
  ) r (kind, name);
  insert into boucle.profile_touches (profile_id)
  select id from boucle.profiles where exists (select from changed where kind in ('lifecycle', 'value'));
  return null;
end $$;
create trigger judge_on_insert after insert on policies
  referencing new table as changed for each statement execute function judge_by_policies();
create trigger judge_on_update after update on policies
  referencing new table as changed for each statement execute function judge_by_policies();
create trigger judge_on_delete after delete on policies
  referencing old table as changed for each statement execute function judge_by_policies();

-- Interest in a category. The weight is the sum over events of points × 2^((at − 2020-01-01) / half-life): what is left of
-- it at an instant is the weight × 2^(−(instant − 2020-01-01) / half-life), whatever order the events came in.
create table interests (
  profile_id bigint not null,
  category   text not null,
  weight     double precision not null,
  events     int not null,
  primary key (profile_id, category)
);

-- The exponent is bounded where double precision is: some eighty years to either side.
create function interest_weight(points double precision, at timestamptz) returns double precision
language sql immutable as $$
  select points * power(2::float8, greatest(-1000, least(1000, (extract(epoch from at) - 1577836800) / 2592000))::float8)
$$;

-- An event of a type the policy `interest` names raises the interest in the category its property says.
create function raise_interests() returns trigger language plpgsql as $$
begin
  insert into boucle.interests as i (profile_id, category, weight, events)
  select c.profile_id, left(c.properties ->> (p.definition ->> 'property'), 60),
    sum(boucle.interest_weight((p.definition ->> 'points')::float8, c.at)), count(*)
  from changed c join boucle.policies p on p.kind = 'interest' and p.definition ->> 'event' = c.type
  where c.properties ->> (p.definition ->> 'property') <> ''
  group by 1, 2 order by 1, 2
  on conflict (profile_id, category) do update set weight = i.weight + excluded.weight, events = i.events + excluded.events;
  return null;
end $$;
create trigger raise_on_insert after insert on events
  referencing new table as changed for each statement execute function raise_interests();

-- Where a market's quantiles lay at the last refresh; an event moves a person between them at once.
create table value_cuts (
  market   text not null,
  measure  text not null,                        -- 'recency' (epoch seconds), 'frequency', 'monetary' (minor units)
  cuts     double precision[] not null,
  people   bigint not null,
  as_of    timestamptz not null,
  primary key (market, measure)
);

-- What is done over everybody now and then, and when it last was.
create table refreshes (
  name        text primary key,
  done_at     timestamptz,
  taken_by    text,
  taken_until timestamptz                        -- past that, whoever is at it is taken for dead
);

-- Audience ---------------------------------------------------------------------------------------------------

alter table audiences
  add definition jsonb,                          -- everything the freeze was made of: it can be made again
  add as_of timestamptz,
  add forecast jsonb;                            -- what the gate would have said at the freeze to a part of them

-- Times the gate put somebody off before: {at, reason, until, channel}, the earliest first. null: it never did.
alter table deliveries add looks jsonb;

-- Persona matrix: a second person approves a version before it is used ----------------------------------------

alter table persona_matrix_versions
  add state            text not null default 'proposed' check (state in ('proposed', 'approved', 'rejected')),
  add note             text,                     -- what its author says of it
  add decided_by       text,
  add decided_at       timestamptz,
  add decision_note    text,
  add told_at          timestamptz,              -- Slack heard of the proposal
  add decision_told_at timestamptz,              -- and of what became of it
  add published_at     timestamptz,              -- the knowledge folder was written since the decision
  add taken_until      timestamptz;              -- somebody is telling it; past that, they are taken for dead
update persona_matrix_versions set state = 'approved', decided_by = 'migration', decided_at = now(),
  told_at = now(), decision_told_at = now(), published_at = now();

-- Commits of other people to persona_matrix.csv in the knowledge folder: each is read once.
create table persona_matrix_commits (
  commit      text primary key,
  author      text not null,
  version     int references persona_matrix_versions,  -- null: it has faults
  faults      jsonb not null default '[]',
  seen_at     timestamptz not null default now(),
  told_at     timestamptz,                       -- Slack heard of its faults
  taken_until timestamptz
);

-- Somebody looked at the version in use and left it as it is.
create table persona_matrix_reviews (
  id          bigint generated always as identity primary key,
  version     int not null references persona_matrix_versions,
  reviewed_by text not null,
  reviewed_at timestamptz not null default now(),
  note        text
);
