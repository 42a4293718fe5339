-- Why: tests that were run elsewhere are read as ours are, and kept for what they teach.

set local search_path = boucle;

create table finished_tests (
  key          text primary key,
  name         text not null,
  hypothesis   text not null,
  replicates   text references finished_tests,   -- the test it repeats
  body         jsonb not null,                   -- the numbers, as POST /v1/experiments/evaluate takes them
  result       jsonb not null,                   -- what it answered then
  revision     text not null,                    -- of the code that answered
  imported_by  text not null,
  imported_at  timestamptz not null default now()
);
create index finished_tests_at on finished_tests (imported_at desc);

-- Preferences keep no original: naming a column a row has not is a fault even where it is not asked for.
create or replace function follow_merge() returns trigger language plpgsql as $$
declare
  stands bigint := boucle.standing(new.profile_id);
begin
  if stands <> new.profile_id then
    new := jsonb_populate_record(new, jsonb_build_object('profile_id', stands)
      || case when tg_table_name = 'preferences' then '{}'
         else jsonb_build_object('original_id', coalesce(nullif(to_jsonb(new) -> 'original_id', 'null'), to_jsonb(new.profile_id))) end);
    insert into boucle.profile_touches (profile_id) values (stands);
  end if;
  return new;
end $$;
