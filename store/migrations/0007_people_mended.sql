-- Why: preferences of merged numbers are written too, no webhook receiver holds up the others, and the rows of a file wait for
-- the later rows of their person however many they are.

set local search_path = boucle;

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

drop index webhook_outbox_due;
create index webhook_outbox_due on webhook_outbox (subscription_id, next_at) where delivered_at is null and given_up_at is null;

-- Rows of an import that wait for the end of its file, beyond what memory holds. Personal data: gone when the import ends.
create table import_waiting (
  import_id text not null references imports on delete cascade,
  person    bigint not null,
  seq       integer not null,
  row       json not null,                        -- as it was read: jsonb refuses some texts
  primary key (import_id, person, seq)
);
