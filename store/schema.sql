-- Dumped from a migrated database by `npm run generate`; the migrations are the source.

create schema boucle;
create schema identity;
grant usage on schema boucle to boucle_app;
grant usage on schema identity to boucle_identity;

CREATE OR REPLACE FUNCTION boucle.follow_merge()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
end $function$
;

CREATE OR REPLACE FUNCTION boucle.follow_merge_of_events()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
end $function$
;

CREATE OR REPLACE FUNCTION boucle.interest_weight(points double precision, at timestamp with time zone)
 RETURNS double precision
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select points * power(2::float8, greatest(-1000, least(1000, (extract(epoch from at) - 1577836800) / 2592000))::float8)
$function$
;

CREATE OR REPLACE FUNCTION boucle.judge_by_policies()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
end $function$
;

CREATE OR REPLACE FUNCTION boucle.raise_interests()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into boucle.interests as i (profile_id, category, weight, events)
  select c.profile_id, left(c.properties ->> (p.definition ->> 'property'), 60),
    sum(boucle.interest_weight((p.definition ->> 'points')::float8, c.at)), count(*)
  from changed c join boucle.policies p on p.kind = 'interest' and p.definition ->> 'event' = c.type
  where c.properties ->> (p.definition ->> 'property') <> ''
  group by 1, 2 order by 1, 2
  on conflict (profile_id, category) do update set weight = i.weight + excluded.weight, events = i.events + excluded.events;
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION boucle.standing(profile_id bigint)
 RETURNS bigint
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  found_id bigint := profile_id;
  into_id bigint;
begin
  loop
    select merged_into into into_id from boucle.profiles where id = found_id;
    if into_id is null then return found_id; end if;
    found_id := into_id;
  end loop;
end $function$
;

CREATE OR REPLACE FUNCTION boucle.touch_by_changed_events()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into boucle.profile_touches (profile_id)
  select distinct e.profile_id from (select profile_id, type from before union all select profile_id, type from changed) e
  where exists (select from boucle.live_reads r where r.kind = 'event' and r.name = e.type);
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION boucle.touch_by_consents()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into boucle.profile_touches (profile_id)
  select distinct c.profile_id from changed c
  where exists (select from boucle.live_reads r where r.kind = 'consent' and r.name = c.purpose || ' ' || c.channel);
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION boucle.touch_by_devices()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if exists (select from boucle.live_reads r where r.kind = 'profile') then
    insert into boucle.profile_touches (profile_id) select distinct profile_id from changed;
  end if;
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION boucle.touch_by_events()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if current_setting('boucle.judging', true) = 'on' then return null; end if;
  insert into boucle.profile_touches (profile_id)
  select distinct e.profile_id from changed e
  where exists (select from boucle.live_reads r where r.kind = 'event' and r.name = e.type);
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION boucle.touch_by_profiles()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if current_setting('boucle.judging', true) = 'on' then return null; end if;
  if exists (select from boucle.live_reads r where r.kind = 'profile') then
    insert into boucle.profile_touches (profile_id) select id from changed;
  end if;
  return null;
end $function$
;

create table boucle.api_keys (
  id text not null,
  hash bytea not null,
  principal text not null,
  slack_user text,
  roles text[] not null,
  created_at timestamp with time zone default now() not null,
  revoked_at timestamp with time zone,
  constraint api_keys_pkey PRIMARY KEY (id),
  constraint api_keys_slack_user_key UNIQUE (slack_user)
);
grant delete, insert, select, update on boucle.api_keys to boucle_app;

create table boucle.approvals (
  id text not null,
  campaign_id text not null,
  subject_hash text not null,
  requested_at timestamp with time zone default now() not null,
  deadline_at timestamp with time zone not null,
  slack_channel text,
  slack_ts text,
  state text default 'waiting'::text not null,
  constraint approvals_pkey PRIMARY KEY (id),
  constraint approvals_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'approved'::text, 'rejected'::text, 'expired'::text, 'void'::text]))),
  constraint approvals_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES boucle.campaigns(id) ON DELETE CASCADE
);
grant delete, insert, select, update on boucle.approvals to boucle_app;

create table boucle.audience_members (
  campaign_id text not null,
  profile_id bigint not null,
  part text not null,
  arm text,
  persona text not null,
  bucket smallint not null,
  constraint audience_members_pkey PRIMARY KEY (campaign_id, part, profile_id)
);
grant delete, insert, maintain, select, update on boucle.audience_members to boucle_app;

create table boucle.audiences (
  campaign_id text not null,
  matched bigint not null,
  excluded jsonb not null,
  holdout bigint not null,
  members bigint not null,
  arms jsonb not null,
  parts jsonb not null,
  personas jsonb not null,
  definition_sha256 text not null,
  frozen_at timestamp with time zone default now() not null,
  definition jsonb,
  as_of timestamp with time zone,
  forecast jsonb,
  constraint audiences_pkey PRIMARY KEY (campaign_id),
  constraint audiences_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES boucle.campaigns(id) ON DELETE CASCADE
);
grant delete, insert, select, update on boucle.audiences to boucle_app;

create table boucle.audit_log (
  id bigint generated always as identity not null,
  at timestamp with time zone default now() not null,
  principal text not null,
  action text not null,
  target text,
  status integer not null,
  request_id text not null,
  details jsonb default '{}'::jsonb not null,
  constraint audit_log_pkey PRIMARY KEY (id)
);
CREATE INDEX audit_log_at ON boucle.audit_log USING btree (at);
grant delete, insert, select, update on boucle.audit_log to boucle_app;

create table boucle.backlog_items (
  id text not null,
  campaign_id text,
  title text not null,
  why text not null,
  revenue_potential smallint not null,
  difficulty smallint not null,
  statistical_feasibility smallint not null,
  priority numeric(6,2) not null,
  state text default 'open'::text not null,
  created_at timestamp with time zone default now() not null,
  constraint backlog_items_pkey PRIMARY KEY (id),
  constraint backlog_items_difficulty_check CHECK (((difficulty >= 1) AND (difficulty <= 5))),
  constraint backlog_items_revenue_potential_check CHECK (((revenue_potential >= 1) AND (revenue_potential <= 5))),
  constraint backlog_items_statistical_feasibility_check CHECK (((statistical_feasibility >= 1) AND (statistical_feasibility <= 5))),
  constraint backlog_items_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES boucle.campaigns(id) ON DELETE CASCADE
);
grant delete, insert, select, update on boucle.backlog_items to boucle_app;

create table boucle.blobs (
  sha256 text not null,
  content_type text not null,
  bytes bigint not null,
  created_at timestamp with time zone default now() not null,
  constraint blobs_pkey PRIMARY KEY (sha256)
);
grant delete, insert, select, update on boucle.blobs to boucle_app;

create table boucle.campaign_budgets (
  campaign_id text not null,
  limit_micros bigint not null,
  spent_micros bigint default 0 not null,
  constraint campaign_budgets_pkey PRIMARY KEY (campaign_id),
  constraint campaign_budgets_spent_micros_check CHECK ((spent_micros >= 0)),
  constraint campaign_budgets_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES boucle.campaigns(id) ON DELETE CASCADE
);
grant delete, insert, select, update on boucle.campaign_budgets to boucle_app;

create table boucle.campaign_schedules (
  id text not null,
  scenario_key text not null,
  schedule_id text not null,
  kind text not null,
  spec text not null,
  timezone text default 'Europe/Paris'::text not null,
  state text default 'active'::text not null,
  created_by text not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint campaign_schedules_pkey PRIMARY KEY (id),
  constraint campaign_schedules_schedule_id_key UNIQUE (schedule_id),
  constraint campaign_schedules_kind_check CHECK ((kind = ANY (ARRAY['at'::text, 'cron'::text]))),
  constraint campaign_schedules_state_check CHECK ((state = ANY (ARRAY['active'::text, 'cancelled'::text, 'done'::text])))
);
grant delete, insert, select, update on boucle.campaign_schedules to boucle_app;

create table boucle.campaign_stages (
  campaign_id text not null,
  stage text not null,
  started_at timestamp with time zone default now() not null,
  ended_at timestamp with time zone,
  outcome text,
  details jsonb default '{}'::jsonb not null,
  constraint campaign_stages_pkey PRIMARY KEY (campaign_id, stage),
  constraint campaign_stages_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES boucle.campaigns(id) ON DELETE CASCADE
);
grant delete, insert, select, update on boucle.campaign_stages to boucle_app;

create table boucle.campaigns (
  id text not null,
  scenario_key text not null,
  scenario_version integer not null,
  scenario jsonb not null,
  matrix_version integer,
  segment_version integer,
  seed text not null,
  workflow_id text not null,
  run_id text,
  stage text default 'define'::text not null,
  hold text default 'run'::text not null,
  blocked_on text,
  "end" text,
  end_reason text,
  approved_hash text,
  decision jsonb,
  created_by text not null,
  created_at timestamp with time zone default now() not null,
  ended_at timestamp with time zone,
  approved_members bigint,
  constraint campaigns_pkey PRIMARY KEY (id),
  constraint campaigns_workflow_id_key UNIQUE (workflow_id),
  constraint campaigns_end_check CHECK (("end" = ANY (ARRAY['completed'::text, 'no-winner'::text, 'rejected'::text, 'stopped'::text, 'aborted'::text, 'expired'::text, 'failed'::text]))),
  constraint campaigns_hold_check CHECK ((hold = ANY (ARRAY['run'::text, 'paused'::text, 'aborted'::text]))),
  constraint campaigns_scenario_key_scenario_version_fkey FOREIGN KEY (scenario_key, scenario_version) REFERENCES boucle.scenarios(key, version)
);
CREATE INDEX campaigns_open ON boucle.campaigns USING btree (created_at) WHERE ("end" IS NULL);
grant delete, insert, select, update on boucle.campaigns to boucle_app;

create table boucle.consent_events (
  id bigint generated always as identity not null,
  profile_id bigint not null,
  purpose text not null,
  channel text not null,
  action text not null,
  legal_basis text default 'consent'::text not null,
  at timestamp with time zone not null,
  expires_at timestamp with time zone,
  source text not null,
  wording_sha256 text,
  locale text,
  evidence jsonb default '{}'::jsonb not null,
  recorded_by text not null,
  recorded_at timestamp with time zone default now() not null,
  external_id text,
  original_id bigint,
  constraint consent_events_pkey PRIMARY KEY (id),
  constraint consent_events_action_check CHECK ((action = ANY (ARRAY['requested'::text, 'granted'::text, 'refused'::text, 'withdrawn'::text, 'objected'::text, 'expired'::text])))
);
CREATE INDEX consent_events_at ON boucle.consent_events USING brin (at);
CREATE UNIQUE INDEX consent_events_external ON boucle.consent_events USING btree (source, external_id) WHERE (external_id IS NOT NULL);
CREATE INDEX consent_events_profile ON boucle.consent_events USING btree (profile_id, purpose, channel, at);
CREATE TRIGGER follow_merge BEFORE INSERT ON boucle.consent_events FOR EACH ROW EXECUTE FUNCTION boucle.follow_merge();
grant delete, insert, select, update on boucle.consent_events to boucle_app;

create table boucle.consent_requests (
  id text not null,
  profile_id bigint not null,
  purpose text not null,
  channel text not null,
  brand text,
  wording_sha256 text,
  locale text,
  source text not null,
  recorded_by text not null,
  token_sha256 bytea not null,
  message_id text,
  requested_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone not null,
  confirmed_at timestamp with time zone,
  constraint consent_requests_pkey PRIMARY KEY (id),
  constraint consent_requests_token_sha256_key UNIQUE (token_sha256)
);
grant delete, insert, select, update on boucle.consent_requests to boucle_app;

create table boucle.consent_state (
  profile_id bigint not null,
  purpose text not null,
  channel text not null,
  granted boolean not null,
  expires_at timestamp with time zone,
  event_id bigint not null,
  at timestamp with time zone not null,
  constraint consent_state_pkey PRIMARY KEY (profile_id, purpose, channel)
);
CREATE TRIGGER touch_on_insert AFTER INSERT ON boucle.consent_state REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION boucle.touch_by_consents();
CREATE TRIGGER touch_on_update AFTER UPDATE ON boucle.consent_state REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION boucle.touch_by_consents();
grant delete, insert, maintain, select, update on boucle.consent_state to boucle_app;

create table boucle.consent_wordings (
  sha256 text not null,
  wording text not null,
  locale text not null,
  created_at timestamp with time zone default now() not null,
  constraint consent_wordings_pkey PRIMARY KEY (sha256)
);
grant delete, insert, select, update on boucle.consent_wordings to boucle_app;

create table boucle.contacts (
  id bigint generated always as identity not null,
  profile_id bigint not null,
  at timestamp with time zone not null,
  nature text not null,
  channel text not null,
  department text not null,
  source text default 'boucle'::text not null,
  campaign_id text,
  step text,
  format text,
  external_id text,
  original_id bigint,
  constraint contacts_pkey PRIMARY KEY (id),
  constraint contacts_campaign_id_step_profile_id_key UNIQUE (campaign_id, step, profile_id)
);
CREATE INDEX contacts_at ON boucle.contacts USING brin (at);
CREATE UNIQUE INDEX contacts_external ON boucle.contacts USING btree (source, external_id) WHERE (external_id IS NOT NULL);
CREATE INDEX contacts_original ON boucle.contacts USING btree (campaign_id, step, profile_id) WHERE (original_id IS NOT NULL);
CREATE INDEX contacts_profile ON boucle.contacts USING btree (profile_id, at);
grant delete, insert, select, update on boucle.contacts to boucle_app;

create table boucle.continuous_entries (
  campaign_id text not null,
  profile_id bigint not null,
  scenario_key text not null,
  at timestamp with time zone default now() not null,
  constraint continuous_entries_pkey PRIMARY KEY (campaign_id, profile_id),
  constraint continuous_entries_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES boucle.campaigns(id) ON DELETE CASCADE
);
CREATE INDEX continuous_entries_scenario ON boucle.continuous_entries USING btree (scenario_key, profile_id, at);
grant delete, insert, select, update on boucle.continuous_entries to boucle_app;

create table boucle.continuous_inside (
  campaign_id text not null,
  profile_id bigint not null,
  since timestamp with time zone default now() not null,
  constraint continuous_inside_pkey PRIMARY KEY (campaign_id, profile_id),
  constraint continuous_inside_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES boucle.campaigns(id) ON DELETE CASCADE
);
grant delete, insert, select, update on boucle.continuous_inside to boucle_app;

create table boucle.control_gate (
  campaign_id text not null,
  step text not null,
  profile_id bigint not null,
  wave text not null,
  arm text not null,
  persona text not null,
  allowed boolean not null,
  reason text,
  gated_at timestamp with time zone default clock_timestamp() not null,
  constraint control_gate_pkey PRIMARY KEY (campaign_id, step, profile_id)
);
grant delete, insert, maintain, select, update on boucle.control_gate to boucle_app;

create table boucle.creatives (
  id bigint generated always as identity not null,
  campaign_id text not null,
  step text not null,
  persona text not null,
  arm text not null,
  channel text not null,
  locale text not null,
  revision integer default 1 not null,
  hash text not null,
  subject text not null,
  preheader text not null,
  html text not null,
  text text not null,
  hero text,
  hero_is_fallback boolean default false not null,
  links jsonb not null,
  meta jsonb default '{}'::jsonb not null,
  status text not null,
  comment text,
  created_at timestamp with time zone default now() not null,
  constraint creatives_pkey PRIMARY KEY (id),
  constraint creatives_campaign_id_step_persona_arm_channel_locale_revis_key UNIQUE (campaign_id, step, persona, arm, channel, locale, revision),
  constraint creatives_status_check CHECK ((status = ANY (ARRAY['rendered'::text, 'passed'::text, 'reject'::text]))),
  constraint creatives_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES boucle.campaigns(id) ON DELETE CASCADE
);
grant delete, insert, select, update on boucle.creatives to boucle_app;

create table boucle.data_quality (
  day date not null,
  source text not null,
  field text not null,
  profiles bigint not null,
  missing bigint not null,
  doubtful bigint not null,
  stale bigint not null,
  duplicate bigint not null,
  constraint data_quality_pkey PRIMARY KEY (day, source, field)
);
grant delete, insert, select, update on boucle.data_quality to boucle_app;

create table boucle.decisions (
  id text not null,
  approval_id text not null,
  decision text not null,
  by text not null,
  via text not null,
  subject_hash text not null,
  reason text,
  outcome text not null,
  at timestamp with time zone default now() not null,
  constraint decisions_pkey PRIMARY KEY (id),
  constraint decisions_decision_check CHECK ((decision = ANY (ARRAY['approve'::text, 'reject'::text]))),
  constraint decisions_via_check CHECK ((via = ANY (ARRAY['rest'::text, 'slack'::text]))),
  constraint decisions_approval_id_fkey FOREIGN KEY (approval_id) REFERENCES boucle.approvals(id) ON DELETE CASCADE
);
grant delete, insert, select, update on boucle.decisions to boucle_app;

create table boucle.deliveries (
  id bigint generated always as identity not null,
  campaign_id text not null,
  step text not null,
  profile_id bigint not null,
  wave text not null,
  arm text not null,
  persona text not null,
  channel text not null,
  creative_id bigint,
  state text not null,
  code text,
  reason text,
  open_pixel boolean default false not null,
  consent_event_id bigint,
  attempts smallint default 0 not null,
  not_before timestamp with time zone,
  gated_at timestamp with time zone default clock_timestamp() not null,
  settled_at timestamp with time zone,
  provider_id text,
  tried text[],
  cost_micros integer,
  in_doubt text,
  looks jsonb,
  constraint deliveries_pkey PRIMARY KEY (campaign_id, step, profile_id),
  constraint deliveries_state_check CHECK ((state = ANY (ARRAY['planned'::text, 'claimed'::text, 'sending'::text, 'accepted'::text, 'failed'::text, 'skipped'::text, 'uncertain'::text])))
);
CREATE UNIQUE INDEX deliveries_id ON boucle.deliveries USING btree (id);
CREATE INDEX deliveries_profile ON boucle.deliveries USING btree (profile_id);
CREATE INDEX deliveries_provider ON boucle.deliveries USING brin (provider_id text_bloom_ops (n_distinct_per_range='2000')) WITH (pages_per_range='32');
grant delete, insert, maintain, select, update on boucle.deliveries to boucle_app;

create table boucle.devices (
  token_fp bytea not null,
  profile_id bigint not null,
  platform text not null,
  locale text,
  seen_at timestamp with time zone default now() not null,
  revoked_at timestamp with time zone,
  original_id bigint,
  constraint devices_pkey PRIMARY KEY (token_fp),
  constraint devices_platform_check CHECK ((platform = ANY (ARRAY['android'::text, 'ios'::text, 'web'::text])))
);
CREATE INDEX devices_profile ON boucle.devices USING btree (profile_id);
CREATE TRIGGER follow_merge BEFORE INSERT ON boucle.devices FOR EACH ROW EXECUTE FUNCTION boucle.follow_merge();
CREATE TRIGGER touch_on_insert AFTER INSERT ON boucle.devices REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION boucle.touch_by_devices();
CREATE TRIGGER touch_on_update AFTER UPDATE ON boucle.devices REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION boucle.touch_by_devices();
grant delete, insert, select, update on boucle.devices to boucle_app;

create table boucle.domain_backoffs (
  domain text not null,
  until timestamp with time zone not null,
  refusals integer default 1 not null,
  constraint domain_backoffs_pkey PRIMARY KEY (domain)
);
grant delete, insert, select, update on boucle.domain_backoffs to boucle_app;

create table boucle.dry_runs (
  id text not null,
  scenario_key text not null,
  scenario_version integer not null,
  report jsonb not null,
  created_by text not null,
  created_at timestamp with time zone default now() not null,
  constraint dry_runs_pkey PRIMARY KEY (id)
);
grant delete, insert, select, update on boucle.dry_runs to boucle_app;

create table boucle.entry_messages (
  campaign_id text not null,
  step text not null,
  profile_id bigint not null,
  due_at timestamp with time zone default now() not null,
  next_at timestamp with time zone default now() not null,
  settled_at timestamp with time zone,
  constraint entry_messages_pkey PRIMARY KEY (campaign_id, step, profile_id),
  constraint entry_messages_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES boucle.campaigns(id) ON DELETE CASCADE
);
CREATE INDEX entry_messages_open ON boucle.entry_messages USING btree (campaign_id, step, profile_id, next_at) WHERE (settled_at IS NULL);
CREATE INDEX entry_messages_settled ON boucle.entry_messages USING btree (campaign_id, settled_at) WHERE (settled_at IS NOT NULL);
grant delete, insert, select, update on boucle.entry_messages to boucle_app;

create table boucle.evaluations (
  id bigint generated always as identity not null,
  campaign_id text not null,
  look integer not null,
  inputs jsonb not null,
  result jsonb not null,
  at timestamp with time zone default now() not null,
  revision text,
  constraint evaluations_pkey PRIMARY KEY (id),
  constraint evaluations_campaign_id_look_key UNIQUE (campaign_id, look),
  constraint evaluations_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES boucle.campaigns(id) ON DELETE CASCADE
);
grant delete, insert, select, update on boucle.evaluations to boucle_app;

create table boucle.events (
  id text not null,
  profile_id bigint not null,
  type text not null,
  at timestamp with time zone not null,
  received_at timestamp with time zone default now() not null,
  value_cents bigint,
  currency text,
  campaign_id text,
  delivery_id bigint,
  properties jsonb default '{}'::jsonb not null,
  original_id bigint,
  constraint events_pkey PRIMARY KEY (id)
);
CREATE INDEX events_at ON boucle.events USING brin (at);
CREATE INDEX events_campaign ON boucle.events USING btree (campaign_id, type) WHERE (campaign_id IS NOT NULL);
CREATE INDEX events_original ON boucle.events USING btree (original_id) WHERE (original_id IS NOT NULL);
CREATE INDEX events_profile ON boucle.events USING btree (profile_id, type, at);
CREATE INDEX events_told_as ON boucle.events USING btree (((properties ->> 'providerEventId'::text))) WHERE ((properties ->> 'providerEventId'::text) IS NOT NULL);
CREATE TRIGGER raise_on_insert AFTER INSERT ON boucle.events REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION boucle.raise_interests();
CREATE TRIGGER then_follow_merge AFTER INSERT ON boucle.events REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION boucle.follow_merge_of_events();
CREATE TRIGGER touch_on_insert AFTER INSERT ON boucle.events REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION boucle.touch_by_events();
CREATE TRIGGER touch_on_update AFTER UPDATE ON boucle.events REFERENCING OLD TABLE AS before NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION boucle.touch_by_changed_events();
grant delete, insert, maintain, select, update on boucle.events to boucle_app;

create table boucle.findings (
  creative_id bigint not null,
  "check" text not null,
  severity text not null,
  message text not null,
  path text,
  constraint findings_pkey PRIMARY KEY (creative_id, "check", message),
  constraint findings_severity_check CHECK ((severity = ANY (ARRAY['blocking'::text, 'warning'::text, 'info'::text]))),
  constraint findings_creative_id_fkey FOREIGN KEY (creative_id) REFERENCES boucle.creatives(id) ON DELETE CASCADE
);
grant delete, insert, select, update on boucle.findings to boucle_app;

create table boucle.finished_tests (
  key text not null,
  name text not null,
  hypothesis text not null,
  replicates text,
  body jsonb not null,
  result jsonb not null,
  revision text not null,
  imported_by text not null,
  imported_at timestamp with time zone default now() not null,
  constraint finished_tests_pkey PRIMARY KEY (key),
  constraint finished_tests_replicates_fkey FOREIGN KEY (replicates) REFERENCES boucle.finished_tests(key)
);
CREATE INDEX finished_tests_at ON boucle.finished_tests USING btree (imported_at DESC);
grant delete, insert, select, update on boucle.finished_tests to boucle_app;

create table boucle.idempotency_keys (
  principal text not null,
  key text not null,
  request_hash bytea not null,
  status integer,
  body text,
  content_type text,
  created_at timestamp with time zone default now() not null,
  constraint idempotency_keys_pkey PRIMARY KEY (principal, key)
);
CREATE INDEX idempotency_keys_created ON boucle.idempotency_keys USING btree (created_at);
grant delete, insert, select, update on boucle.idempotency_keys to boucle_app;

create table boucle.import_chunks (
  import_id text not null,
  seq integer not null,
  bytes bytea not null,
  received_at timestamp with time zone default now() not null,
  constraint import_chunks_pkey PRIMARY KEY (import_id, seq),
  constraint import_chunks_import_id_fkey FOREIGN KEY (import_id) REFERENCES boucle.imports(id) ON DELETE CASCADE
);
grant delete, insert, select, update on boucle.import_chunks to boucle_app;

create table boucle.import_mappings (
  key text not null,
  definition jsonb not null,
  updated_by text not null,
  updated_at timestamp with time zone default now() not null,
  constraint import_mappings_pkey PRIMARY KEY (key)
);
grant delete, insert, select, update on boucle.import_mappings to boucle_app;

create table boucle.import_rejects (
  import_id text not null,
  line bigint not null,
  field text not null,
  code text not null,
  reason text not null,
  constraint import_rejects_pkey PRIMARY KEY (import_id, line, field),
  constraint import_rejects_import_id_fkey FOREIGN KEY (import_id) REFERENCES boucle.imports(id) ON DELETE CASCADE
);
grant delete, insert, select, update on boucle.import_rejects to boucle_app;

create table boucle.import_waiting (
  import_id text not null,
  person bigint not null,
  seq integer not null,
  "row" json not null,
  constraint import_waiting_pkey PRIMARY KEY (import_id, person, seq),
  constraint import_waiting_import_id_fkey FOREIGN KEY (import_id) REFERENCES boucle.imports(id) ON DELETE CASCADE
);
grant delete, insert, select, update on boucle.import_waiting to boucle_app;

create table boucle.imports (
  id text not null,
  mapping text not null,
  filename text,
  sha256 text,
  bytes bigint default 0 not null,
  state text default 'receiving'::text not null,
  rows bigint default 0 not null,
  created bigint default 0 not null,
  merged bigint default 0 not null,
  unchanged bigint default 0 not null,
  rejected bigint default 0 not null,
  events bigint default 0 not null,
  consents bigint default 0 not null,
  error text,
  created_by text not null,
  created_at timestamp with time zone default now() not null,
  finished_at timestamp with time zone,
  format text default 'csv'::text not null,
  bytes_read bigint default 0 not null,
  encoding text default 'identity'::text not null,
  constraint imports_pkey PRIMARY KEY (id),
  constraint imports_encoding_check CHECK ((encoding = ANY (ARRAY['identity'::text, 'gzip'::text]))),
  constraint imports_format_check CHECK ((format = ANY (ARRAY['csv'::text, 'ndjson'::text]))),
  constraint imports_state_check CHECK ((state = ANY (ARRAY['receiving'::text, 'queued'::text, 'running'::text, 'done'::text, 'failed'::text]))),
  constraint imports_mapping_fkey FOREIGN KEY (mapping) REFERENCES boucle.import_mappings(key)
);
grant delete, insert, select, update on boucle.imports to boucle_app;

create table boucle.incidents (
  id text not null,
  campaign_id text,
  kind text not null,
  message text not null,
  details jsonb default '{}'::jsonb not null,
  slack_ts text,
  at timestamp with time zone default now() not null,
  closed_at timestamp with time zone,
  constraint incidents_pkey PRIMARY KEY (id),
  constraint incidents_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES boucle.campaigns(id) ON DELETE CASCADE
);
grant delete, insert, select, update on boucle.incidents to boucle_app;

create table boucle.interests (
  profile_id bigint not null,
  category text not null,
  weight double precision not null,
  events integer not null,
  constraint interests_pkey PRIMARY KEY (profile_id, category)
);
grant delete, insert, select, update on boucle.interests to boucle_app;

create table boucle.live_reads (
  kind text not null,
  name text not null,
  by text not null,
  constraint live_reads_pkey PRIMARY KEY (kind, name, by),
  constraint live_reads_by_check CHECK ((by = ANY (ARRAY['segments'::text, 'policies'::text])))
);
grant delete, insert, select, update on boucle.live_reads to boucle_app;

create table boucle.live_segments (
  key text not null,
  version integer not null,
  live_by text not null,
  live_at timestamp with time zone default now() not null,
  built_at timestamp with time zone,
  constraint live_segments_pkey PRIMARY KEY (key),
  constraint live_segments_key_version_fkey FOREIGN KEY (key, version) REFERENCES boucle.segments(key, version)
);
grant delete, insert, select, update on boucle.live_segments to boucle_app;

create table boucle.membership_changes (
  id bigint generated always as identity not null,
  segment text not null,
  version integer not null,
  profile_id bigint not null,
  entered boolean not null,
  at timestamp with time zone default now() not null,
  cause text not null,
  constraint membership_changes_pkey PRIMARY KEY (id),
  constraint membership_changes_cause_check CHECK ((cause = ANY (ARRAY['event'::text, 'profile'::text, 'time'::text, 'version'::text])))
);
CREATE INDEX membership_changes_profile ON boucle.membership_changes USING btree (profile_id, id);
CREATE INDEX membership_changes_segment ON boucle.membership_changes USING btree (segment, id);
grant delete, insert, select, update on boucle.membership_changes to boucle_app;

create table boucle.messages (
  id text not null,
  campaign_id text not null,
  profile_id bigint not null,
  created_by text not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  deadline_at timestamp with time zone not null,
  not_before timestamp with time zone,
  settled_at timestamp with time zone,
  constraint messages_pkey PRIMARY KEY (id),
  constraint messages_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES boucle.campaigns(id) ON DELETE CASCADE
);
CREATE INDEX messages_campaign ON boucle.messages USING btree (campaign_id, settled_at);
CREATE INDEX messages_open ON boucle.messages USING btree (profile_id) WHERE (settled_at IS NULL);
CREATE INDEX messages_waiting ON boucle.messages USING btree (campaign_id, created_by, not_before, created_at) WHERE (settled_at IS NULL);
grant delete, insert, select, update on boucle.messages to boucle_app;

create table boucle.offers (
  code text not null,
  definition jsonb not null,
  updated_by text not null,
  updated_at timestamp with time zone default now() not null,
  constraint offers_pkey PRIMARY KEY (code)
);
grant delete, insert, select, update on boucle.offers to boucle_app;

create table boucle.origin_sets (
  id bigint generated always as identity not null,
  digest bytea not null,
  fields jsonb not null,
  constraint origin_sets_pkey PRIMARY KEY (id),
  constraint origin_sets_digest_key UNIQUE (digest)
);
grant delete, insert, select, update on boucle.origin_sets to boucle_app;

create table boucle.origins (
  id bigint generated always as identity not null,
  source text not null,
  import_id text,
  steps jsonb not null,
  at timestamp with time zone default now() not null,
  constraint origins_pkey PRIMARY KEY (id)
);
grant delete, insert, select, update on boucle.origins to boucle_app;

create table boucle.persona_matrix_commits (
  commit text not null,
  author text not null,
  version integer,
  faults jsonb default '[]'::jsonb not null,
  seen_at timestamp with time zone default now() not null,
  told_at timestamp with time zone,
  taken_until timestamp with time zone,
  constraint persona_matrix_commits_pkey PRIMARY KEY (commit),
  constraint persona_matrix_commits_version_fkey FOREIGN KEY (version) REFERENCES boucle.persona_matrix_versions(version)
);
grant delete, insert, select, update on boucle.persona_matrix_commits to boucle_app;

create table boucle.persona_matrix_reviews (
  id bigint generated always as identity not null,
  version integer not null,
  reviewed_by text not null,
  reviewed_at timestamp with time zone default now() not null,
  note text,
  constraint persona_matrix_reviews_pkey PRIMARY KEY (id),
  constraint persona_matrix_reviews_version_fkey FOREIGN KEY (version) REFERENCES boucle.persona_matrix_versions(version)
);
grant delete, insert, select, update on boucle.persona_matrix_reviews to boucle_app;

create table boucle.persona_matrix_rows (
  version integer not null,
  ordinal integer not null,
  segment_id text not null,
  value_tier text not null,
  behavior_cluster text not null,
  state text not null,
  key_message text not null,
  visual_guideline text not null,
  offer_code text not null,
  constraint persona_matrix_rows_pkey PRIMARY KEY (version, segment_id),
  constraint persona_matrix_rows_version_fkey FOREIGN KEY (version) REFERENCES boucle.persona_matrix_versions(version)
);
grant delete, insert, select, update on boucle.persona_matrix_rows to boucle_app;

create table boucle.persona_matrix_versions (
  version integer not null,
  csv text not null,
  sha256 text not null,
  created_by text not null,
  created_at timestamp with time zone default now() not null,
  state text default 'proposed'::text not null,
  note text,
  decided_by text,
  decided_at timestamp with time zone,
  decision_note text,
  told_at timestamp with time zone,
  decision_told_at timestamp with time zone,
  published_at timestamp with time zone,
  taken_until timestamp with time zone,
  constraint persona_matrix_versions_pkey PRIMARY KEY (version),
  constraint persona_matrix_versions_state_check CHECK ((state = ANY (ARRAY['proposed'::text, 'approved'::text, 'rejected'::text])))
);
grant delete, insert, select, update on boucle.persona_matrix_versions to boucle_app;

create table boucle.phone_claims (
  hash bytea not null,
  profile_id bigint not null,
  constraint phone_claims_pkey PRIMARY KEY (hash, profile_id)
);
grant delete, insert, select, update on boucle.phone_claims to boucle_app;

create table boucle.policies (
  kind text not null,
  key text not null,
  definition jsonb not null,
  updated_by text default 'seed'::text not null,
  updated_at timestamp with time zone default now() not null,
  constraint policies_pkey PRIMARY KEY (kind, key),
  constraint policies_kind_check CHECK ((kind = ANY (ARRAY['cap'::text, 'quiet-hours'::text, 'channel'::text, 'unit-cost'::text, 'rate'::text, 'event-type'::text, 'consistency'::text, 'lifecycle'::text, 'interest'::text, 'value'::text, 'holdout'::text])))
);
CREATE TRIGGER judge_on_delete AFTER DELETE ON boucle.policies REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION boucle.judge_by_policies();
CREATE TRIGGER judge_on_insert AFTER INSERT ON boucle.policies REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION boucle.judge_by_policies();
CREATE TRIGGER judge_on_update AFTER UPDATE ON boucle.policies REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION boucle.judge_by_policies();
grant delete, insert, select, update on boucle.policies to boucle_app;

create table boucle.policy_changes (
  id bigint generated always as identity not null,
  kind text not null,
  key text not null,
  definition jsonb,
  changed_by text not null,
  changed_at timestamp with time zone default clock_timestamp() not null,
  constraint policy_changes_pkey PRIMARY KEY (id)
);
CREATE INDEX policy_changes_of ON boucle.policy_changes USING btree (kind, key, id);
grant delete, insert, select, update on boucle.policy_changes to boucle_app;

create table boucle.preferences (
  profile_id bigint not null,
  paused_until timestamp with time zone,
  preferred_channel text,
  refused_topics text[] default '{}'::text[] not null,
  newsletter_limit integer,
  newsletter_days numeric,
  send_hour smallint,
  updated_at timestamp with time zone default now() not null,
  updated_by text not null,
  constraint preferences_pkey PRIMARY KEY (profile_id),
  constraint preferences_send_hour_check CHECK (((send_hour >= 0) AND (send_hour <= 23)))
);
CREATE TRIGGER follow_merge BEFORE INSERT ON boucle.preferences FOR EACH ROW EXECUTE FUNCTION boucle.follow_merge();
grant delete, insert, select, update on boucle.preferences to boucle_app;

create table boucle.products (
  sku text not null,
  name text not null,
  category text not null,
  market text,
  price_cents bigint,
  currency text,
  url text,
  image_url text,
  active boolean default true not null,
  updated_by text not null,
  updated_at timestamp with time zone default now() not null,
  constraint products_pkey PRIMARY KEY (sku)
);
CREATE INDEX products_category ON boucle.products USING btree (category);
grant delete, insert, select, update on boucle.products to boucle_app;

create table boucle.profile_clock (
  profile_id bigint not null,
  due_at timestamp with time zone,
  constraint profile_clock_pkey PRIMARY KEY (profile_id)
);
CREATE INDEX profile_clock_due ON boucle.profile_clock USING btree (due_at) WHERE (due_at IS NOT NULL);
grant delete, insert, select, update on boucle.profile_clock to boucle_app;

create table boucle.profile_keys (
  kind text not null,
  hash bytea not null,
  profile_id bigint not null,
  original_id bigint,
  constraint profile_keys_pkey PRIMARY KEY (kind, hash),
  constraint profile_keys_kind_check CHECK ((kind = ANY (ARRAY['email'::text, 'phone'::text, 'customer'::text])))
);
CREATE INDEX profile_keys_profile ON boucle.profile_keys USING btree (profile_id);
grant delete, insert, maintain, select, update on boucle.profile_keys to boucle_app;

create table boucle.profile_merges (
  id bigint generated always as identity not null,
  kept bigint not null,
  merged bigint not null,
  reason text not null,
  source text not null,
  won jsonb not null,
  merged_by text not null,
  merged_at timestamp with time zone default now() not null,
  undone_by text,
  undone_at timestamp with time zone,
  constraint profile_merges_pkey PRIMARY KEY (id)
);
CREATE INDEX profile_merges_kept ON boucle.profile_merges USING btree (kept);
CREATE UNIQUE INDEX profile_merges_of ON boucle.profile_merges USING btree (merged) WHERE (undone_at IS NULL);
grant delete, insert, select, update on boucle.profile_merges to boucle_app;

create table boucle.profile_origins (
  profile_id bigint not null,
  fields jsonb not null,
  constraint profile_origins_pkey PRIMARY KEY (profile_id)
);
grant delete, insert, select, update on boucle.profile_origins to boucle_app;

create table boucle.profile_touches (
  id bigint generated always as identity not null,
  profile_id bigint not null,
  not_before timestamp with time zone,
  constraint profile_touches_pkey PRIMARY KEY (id)
);
grant delete, insert, select, update on boucle.profile_touches to boucle_app;

create table boucle.profiles (
  id bigint generated always as identity not null,
  market text default 'FR'::text not null,
  area text,
  locale text default 'fr'::text not null,
  timezone text,
  email_fp bytea,
  phone_fp bytea,
  attributes jsonb default '{}'::jsonb not null,
  doubtful text[] default '{}'::text[] not null,
  source text not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  postal_fp bytea,
  derived jsonb default '{}'::jsonb not null,
  merged_into bigint,
  origin_set bigint,
  constraint profiles_pkey PRIMARY KEY (id)
);
CREATE INDEX profiles_area ON boucle.profiles USING btree (area);
CREATE INDEX profiles_merged ON boucle.profiles USING btree (merged_into) WHERE (merged_into IS NOT NULL);
CREATE TRIGGER touch_on_insert AFTER INSERT ON boucle.profiles REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION boucle.touch_by_profiles();
CREATE TRIGGER touch_on_update AFTER UPDATE ON boucle.profiles REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION boucle.touch_by_profiles();
grant delete, insert, maintain, select, update on boucle.profiles to boucle_app;

create table boucle.proofs (
  id text not null,
  campaign_id text not null,
  creative_id bigint not null,
  profile_id bigint,
  channel text not null,
  state text default 'waiting'::text not null,
  code text,
  requested_by text not null,
  requested_at timestamp with time zone default now() not null,
  attempts smallint default 0 not null,
  not_before timestamp with time zone default now() not null,
  sent_at timestamp with time zone,
  constraint proofs_pkey PRIMARY KEY (id),
  constraint proofs_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'sent'::text, 'failed'::text, 'uncertain'::text]))),
  constraint proofs_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES boucle.campaigns(id) ON DELETE CASCADE
);
CREATE INDEX proofs_of ON boucle.proofs USING btree (campaign_id, requested_at);
CREATE INDEX proofs_waiting ON boucle.proofs USING btree (requested_at) WHERE (state = 'waiting'::text);
grant delete, insert, select, update on boucle.proofs to boucle_app;

create table boucle.rate_buckets (
  key text not null,
  tokens double precision not null,
  refilled_at timestamp with time zone default clock_timestamp() not null,
  constraint rate_buckets_pkey PRIMARY KEY (key)
);
grant delete, insert, select, update on boucle.rate_buckets to boucle_app;

create table boucle.refreshes (
  name text not null,
  done_at timestamp with time zone,
  taken_by text,
  taken_until timestamp with time zone,
  constraint refreshes_pkey PRIMARY KEY (name)
);
grant delete, insert, select, update on boucle.refreshes to boucle_app;

create table boucle.reports (
  campaign_id text not null,
  markdown text not null,
  data jsonb not null,
  created_at timestamp with time zone default now() not null,
  constraint reports_pkey PRIMARY KEY (campaign_id),
  constraint reports_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES boucle.campaigns(id) ON DELETE CASCADE
);
grant delete, insert, select, update on boucle.reports to boucle_app;

create table boucle.rules_epoch (
  only_row boolean default true not null,
  epoch bigint default 0 not null,
  constraint rules_epoch_pkey PRIMARY KEY (only_row),
  constraint rules_epoch_only_row_check CHECK (only_row)
);
grant delete, insert, select, update on boucle.rules_epoch to boucle_app;

create table boucle.scenarios (
  key text not null,
  version integer not null,
  status text not null,
  definition jsonb not null,
  created_by text not null,
  created_at timestamp with time zone default now() not null,
  constraint scenarios_pkey PRIMARY KEY (key, version),
  constraint scenarios_status_check CHECK ((status = ANY (ARRAY['draft'::text, 'validated'::text, 'archived'::text])))
);
grant delete, insert, select, update on boucle.scenarios to boucle_app;

create table boucle.seed_lists (
  key text not null,
  name text not null,
  updated_by text not null,
  updated_at timestamp with time zone default now() not null,
  constraint seed_lists_pkey PRIMARY KEY (key)
);
grant delete, insert, select, update on boucle.seed_lists to boucle_app;

create table boucle.segment_lives (
  key text not null,
  version integer not null,
  live_by text not null,
  from_at timestamp with time zone default now() not null,
  to_at timestamp with time zone,
  constraint segment_lives_pkey PRIMARY KEY (key, from_at)
);
grant delete, insert, select, update on boucle.segment_lives to boucle_app;

create table boucle.segment_means (
  segment text not null,
  attribute text not null,
  mean double precision,
  people bigint not null,
  at timestamp with time zone default now() not null,
  constraint segment_means_pkey PRIMARY KEY (segment, attribute)
);
grant delete, insert, select, update on boucle.segment_means to boucle_app;

create table boucle.segment_members (
  segment text not null,
  profile_id bigint not null,
  since timestamp with time zone default now() not null,
  constraint segment_members_pkey PRIMARY KEY (segment, profile_id)
);
CREATE INDEX segment_members_profile ON boucle.segment_members USING btree (profile_id);
grant delete, insert, select, update on boucle.segment_members to boucle_app;

create table boucle.segment_simulations (
  id text not null,
  key text not null,
  version integer not null,
  report jsonb not null,
  created_by text not null,
  created_at timestamp with time zone default now() not null,
  constraint segment_simulations_pkey PRIMARY KEY (id),
  constraint segment_simulations_key_version_fkey FOREIGN KEY (key, version) REFERENCES boucle.segments(key, version)
);
CREATE INDEX segment_simulations_of ON boucle.segment_simulations USING btree (key, version);
grant delete, insert, select, update on boucle.segment_simulations to boucle_app;

create table boucle.segments (
  key text not null,
  version integer not null,
  name text not null,
  rule jsonb not null,
  created_by text not null,
  created_at timestamp with time zone default now() not null,
  language smallint default 1 not null,
  constraint segments_pkey PRIMARY KEY (key, version)
);
grant delete, insert, select, update on boucle.segments to boucle_app;

create table boucle.slack_inbox (
  id text not null,
  payload jsonb not null,
  received_at timestamp with time zone default now() not null,
  handled_at timestamp with time zone,
  answer text,
  attempts integer default 0 not null,
  not_before timestamp with time zone default now() not null,
  constraint slack_inbox_pkey PRIMARY KEY (id)
);
CREATE INDEX slack_inbox_waiting ON boucle.slack_inbox USING btree (received_at) WHERE (handled_at IS NULL);
grant delete, insert, select, update on boucle.slack_inbox to boucle_app;

create table boucle.sources (
  key text not null,
  definition jsonb not null,
  last_at timestamp with time zone,
  late_since timestamp with time zone,
  updated_by text not null,
  updated_at timestamp with time zone default now() not null,
  constraint sources_pkey PRIMARY KEY (key)
);
grant delete, insert, select, update on boucle.sources to boucle_app;

create table boucle.suppressions (
  fingerprint bytea not null,
  scope text default 'global'::text not null,
  reason text not null,
  at timestamp with time zone default now() not null,
  source text default 'boucle'::text not null,
  recorded_by text,
  constraint suppressions_pkey PRIMARY KEY (fingerprint, scope),
  constraint suppressions_reason_check CHECK ((reason = ANY (ARRAY['hard-bounce'::text, 'complaint'::text, 'objection'::text, 'erasure'::text])))
);
grant delete, insert, select, update on boucle.suppressions to boucle_app;

create table boucle.test_log_entries (
  campaign_id text not null,
  context text not null,
  hypothesis text not null,
  implementation text not null,
  result text not null,
  insight text not null,
  next_step text not null,
  created_at timestamp with time zone default now() not null,
  constraint test_log_entries_pkey PRIMARY KEY (campaign_id),
  constraint test_log_entries_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES boucle.campaigns(id) ON DELETE CASCADE
);
grant delete, insert, select, update on boucle.test_log_entries to boucle_app;

create table boucle.value_cuts (
  market text not null,
  measure text not null,
  cuts double precision[] not null,
  people bigint not null,
  as_of timestamp with time zone not null,
  constraint value_cuts_pkey PRIMARY KEY (market, measure)
);
grant delete, insert, select, update on boucle.value_cuts to boucle_app;

create table boucle.wave_notices (
  campaign_id text not null,
  wave text not null,
  kind text not null,
  noted_at timestamp with time zone default now() not null,
  next_at timestamp with time zone default now() not null,
  told_at timestamp with time zone,
  constraint wave_notices_pkey PRIMARY KEY (campaign_id, wave, kind),
  constraint wave_notices_kind_check CHECK ((kind = ANY (ARRAY['budget'::text, 'yielded'::text]))),
  constraint wave_notices_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES boucle.campaigns(id) ON DELETE CASCADE
);
CREATE INDEX wave_notices_due ON boucle.wave_notices USING btree (next_at) WHERE (told_at IS NULL);
grant delete, insert, select, update on boucle.wave_notices to boucle_app;

create table boucle.waves (
  campaign_id text not null,
  step text not null,
  wave text not null,
  part text not null,
  arm text,
  bucket_from integer default 0 not null,
  bucket_to integer default 10000 not null,
  planned bigint not null,
  withheld bigint default 0 not null,
  started_at timestamp with time zone default now() not null,
  ended_at timestamp with time zone,
  deadline_at timestamp with time zone,
  constraint waves_pkey PRIMARY KEY (campaign_id, step, wave),
  constraint waves_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES boucle.campaigns(id) ON DELETE CASCADE
);
grant delete, insert, select, update on boucle.waves to boucle_app;

create table boucle.webhook_outbox (
  id bigint generated always as identity not null,
  subscription_id text not null,
  event_id text not null,
  event text not null,
  payload jsonb not null,
  created_at timestamp with time zone default now() not null,
  attempts integer default 0 not null,
  next_at timestamp with time zone default now() not null,
  delivered_at timestamp with time zone,
  given_up_at timestamp with time zone,
  last_status integer,
  constraint webhook_outbox_pkey PRIMARY KEY (id),
  constraint webhook_outbox_subscription_id_event_id_key UNIQUE (subscription_id, event_id),
  constraint webhook_outbox_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES boucle.webhook_subscriptions(id) ON DELETE CASCADE
);
CREATE INDEX webhook_outbox_due ON boucle.webhook_outbox USING btree (subscription_id, next_at) WHERE ((delivered_at IS NULL) AND (given_up_at IS NULL));
grant delete, insert, select, update on boucle.webhook_outbox to boucle_app;

create table boucle.webhook_subscriptions (
  id text not null,
  url text not null,
  secret text not null,
  events text[] not null,
  created_by text not null,
  created_at timestamp with time zone default now() not null,
  disabled_at timestamp with time zone,
  constraint webhook_subscriptions_pkey PRIMARY KEY (id)
);
grant delete, insert, select, update on boucle.webhook_subscriptions to boucle_app;

create table identity.device_tokens (
  token_fp bytea not null,
  token text not null,
  constraint device_tokens_pkey PRIMARY KEY (token_fp)
);
grant delete, insert, select, update on identity.device_tokens to boucle_identity;

create table identity.event_dead_letters (
  id bigint generated always as identity not null,
  event_id text,
  reason text not null,
  faults jsonb default '[]'::jsonb not null,
  body text not null,
  digest text not null,
  received_at timestamp with time zone default now() not null,
  received_by text not null,
  replayed_at timestamp with time zone,
  constraint event_dead_letters_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX event_dead_letters_open ON identity.event_dead_letters USING btree (digest) WHERE (replayed_at IS NULL);
CREATE INDEX event_dead_letters_received ON identity.event_dead_letters USING btree (received_at);
grant delete, insert, select, update on identity.event_dead_letters to boucle_identity;

create table identity.in_app_messages (
  delivery_id bigint not null,
  profile_id bigint not null,
  campaign_id text not null,
  brand text not null,
  placement text not null,
  contexts text[] default '{}'::text[] not null,
  content jsonb not null,
  transparent boolean default false not null,
  published_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone,
  shown_at timestamp with time zone,
  clicked_at timestamp with time zone,
  dismissed_at timestamp with time zone,
  constraint in_app_messages_pkey PRIMARY KEY (delivery_id)
);
CREATE INDEX in_app_messages_expires ON identity.in_app_messages USING btree (expires_at);
CREATE INDEX in_app_messages_profile ON identity.in_app_messages USING btree (profile_id, placement);
CREATE INDEX in_app_messages_published ON identity.in_app_messages USING btree (published_at);
grant delete, insert, select, update on identity.in_app_messages to boucle_identity;

create table identity.merge_snapshots (
  merge_id bigint not null,
  before jsonb not null,
  after jsonb not null,
  constraint merge_snapshots_pkey PRIMARY KEY (merge_id)
);
grant delete, insert, select, update on identity.merge_snapshots to boucle_identity;

create table identity.message_values (
  message_id text not null,
  "values" jsonb not null,
  constraint message_values_pkey PRIMARY KEY (message_id)
);
grant delete, insert, select, update on identity.message_values to boucle_identity;

create table identity.people (
  profile_id bigint not null,
  customer_key text,
  civility text,
  first_name text,
  last_name text,
  email text,
  phone text,
  postcode text,
  city text,
  updated_at timestamp with time zone default now() not null,
  address_1 text,
  address_2 text,
  country text,
  constraint people_pkey PRIMARY KEY (profile_id)
);
grant delete, insert, maintain, select, update on identity.people to boucle_identity;

create table identity.proof_addresses (
  proof_id text not null,
  address text not null,
  constraint proof_addresses_pkey PRIMARY KEY (proof_id)
);
grant delete, insert, select, update on identity.proof_addresses to boucle_identity;

create table identity.seed_addresses (
  list text not null,
  channel text default 'email'::text not null,
  address text not null,
  constraint seed_addresses_pkey PRIMARY KEY (list, channel, address)
);
grant delete, insert, select, update on identity.seed_addresses to boucle_identity;

create view boucle.field_origins as
 SELECT p.id AS profile_id,
    COALESCE(o.fields, s.fields) AS fields
   FROM boucle.profiles p
     LEFT JOIN boucle.profile_origins o ON o.profile_id = p.id
     LEFT JOIN boucle.origin_sets s ON s.id = p.origin_set
  WHERE COALESCE(o.fields, s.fields) IS NOT NULL;
grant delete, insert, select, update on boucle.field_origins to boucle_app;
