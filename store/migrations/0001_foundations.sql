-- Why: the tables the whole loop stands on. Business truth is here; Temporal only holds decisions.
-- Identity (who somebody is) sits in a schema of its own, readable by one role; everything else knows a
-- pseudonymous bigint. The two roles are granted to whoever migrates, so a pool picks one at connection.

do $$
begin
  if not exists (select from pg_roles where rolname = 'boucle_app') then create role boucle_app nologin; end if;
  if not exists (select from pg_roles where rolname = 'boucle_identity') then create role boucle_identity nologin; end if;
  -- The identity role sees the rest too: rendering and sending join the two, nothing else does.
  grant boucle_app to boucle_identity;
  execute format('grant boucle_app, boucle_identity to %I', current_user);
end $$;

create schema boucle;
create schema identity;

grant usage on schema boucle to boucle_app;
alter default privileges in schema boucle grant select, insert, update, delete on tables to boucle_app;
alter default privileges in schema boucle grant usage, select on sequences to boucle_app;
grant usage on schema identity to boucle_identity;
alter default privileges in schema identity grant select, insert, update, delete on tables to boucle_identity;

set local search_path = boucle;

-- Identity ------------------------------------------------------------------------------------------------

create table identity.people (
  profile_id   bigint primary key,
  customer_key text,
  civility     text,
  first_name   text,
  last_name    text,
  email        text,
  phone        text,
  postcode     text,
  city         text,
  updated_at   timestamptz not null default now()
);

-- Profiles ------------------------------------------------------------------------------------------------

create table profiles (
  id         bigint generated always as identity primary key,
  market     text not null default 'FR',
  area       text,                               -- official code of a French département ('75', '2A', '974')
  locale     text not null default 'fr',
  timezone   text,
  email_fp   bytea,                              -- HMAC-SHA-256 of the normalised address; null: not reachable by e-mail
  phone_fp   bytea,
  attributes jsonb not null default '{}',        -- flat: name → string | number | boolean | null; dates as ISO 8601 strings
  doubtful   text[] not null default '{}',       -- fields whose value a consistency rule does not believe
  source     text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
) with (fillfactor = 90);
create index profiles_area on profiles (area);

-- Deterministic keys people merge on. Hashes are keyed (HMAC with BOUCLE_PEPPER): a dump tells nobody's address.
create table profile_keys (
  kind       text not null check (kind in ('email', 'phone', 'customer')),
  hash       bytea not null,
  profile_id bigint not null references profiles on delete cascade,
  primary key (kind, hash)
);
create index profile_keys_profile on profile_keys (profile_id);

create table import_mappings (
  key        text primary key,
  definition jsonb not null,
  updated_by text not null,
  updated_at timestamptz not null default now()
);

create table imports (
  id          text primary key,
  mapping     text not null references import_mappings,
  filename    text,
  sha256      text,
  bytes       bigint not null default 0,
  state       text not null default 'receiving' check (state in ('receiving', 'queued', 'running', 'done', 'failed')),
  rows        bigint not null default 0,
  created     bigint not null default 0,
  merged      bigint not null default 0,
  unchanged   bigint not null default 0,
  rejected    bigint not null default 0,
  events      bigint not null default 0,
  consents    bigint not null default 0,
  error       text,
  created_by  text not null,
  created_at  timestamptz not null default now(),
  finished_at timestamptz
);

create table import_chunks (
  import_id text not null references imports on delete cascade,
  seq       int not null,
  bytes     bytea not null,
  primary key (import_id, seq)
);

create table import_rejects (
  import_id text not null references imports on delete cascade,
  line      bigint not null,
  field     text not null,
  code      text not null,
  reason    text not null,                       -- words for a person; never the value
  primary key (import_id, line, field)
);

-- Events --------------------------------------------------------------------------------------------------

create table events (
  id          text primary key,                  -- the sender's id: the same one twice is one event
  profile_id  bigint not null,
  type        text not null,
  at          timestamptz not null,
  received_at timestamptz not null default now(),
  value_cents bigint,
  currency    text,
  campaign_id text,
  delivery_id bigint,
  properties  jsonb not null default '{}'
);
create index events_profile on events (profile_id, type, at);
create index events_campaign on events (campaign_id, type) where campaign_id is not null;

-- Consent, suppression, contacts --------------------------------------------------------------------------

create table consent_events (
  id          bigint generated always as identity primary key,
  profile_id  bigint not null,
  purpose     text not null,
  channel     text not null,
  action      text not null check (action in ('granted', 'refused', 'withdrawn', 'objected')),
  legal_basis text not null default 'consent',
  at          timestamptz not null,
  expires_at  timestamptz,
  source      text not null,
  wording_sha256 text,
  locale      text,
  evidence    jsonb not null default '{}',       -- ids and codes only
  recorded_by text not null,
  recorded_at timestamptz not null default now()
);
create index consent_events_profile on consent_events (profile_id, purpose, channel, at);

-- Derived from consent_events by the same statement that appends one; rebuilt by replaying them.
create table consent_state (
  profile_id bigint not null,
  purpose    text not null,
  channel    text not null,
  granted    boolean not null,
  expires_at timestamptz,
  event_id   bigint not null,
  at         timestamptz not null,
  primary key (profile_id, purpose, channel)
);

create table suppressions (
  fingerprint bytea not null,
  scope       text not null default 'global',
  reason      text not null check (reason in ('hard-bounce', 'complaint', 'objection', 'erasure')),
  at          timestamptz not null default now(),
  primary key (fingerprint, scope)
);

-- Every contact that counts against a cap, ours and other tools'. Reserved by the gate, released on failure.
create table contacts (
  id          bigint generated always as identity primary key,
  profile_id  bigint not null,
  at          timestamptz not null,
  nature      text not null,
  channel     text not null,
  department  text not null,
  source      text not null default 'boucle',
  campaign_id text,
  step        text,
  unique nulls distinct (campaign_id, step, profile_id)
);
create index contacts_profile on contacts (profile_id, at);

create table caps (
  key         text primary key,
  definition  jsonb not null,                    -- {nature, channel?, department?, limit, windowDays}
  updated_at  timestamptz not null default now()
);

-- Segments and the persona matrix -------------------------------------------------------------------------

create table segments (
  key        text not null,
  version    int not null,
  name       text not null,
  rule       jsonb not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  primary key (key, version)
);

create table persona_matrix_versions (
  version    int primary key,
  csv        text not null,
  sha256     text not null,
  created_by text not null,
  created_at timestamptz not null default now()
);

create table persona_matrix_rows (
  version          int not null references persona_matrix_versions,
  ordinal          int not null,
  segment_id       text not null,
  value_tier       text not null,
  behavior_cluster text not null,
  state            text not null,
  key_message      text not null,
  visual_guideline text not null,
  offer_code       text not null,
  primary key (version, segment_id)
);

-- Scenarios and campaigns ---------------------------------------------------------------------------------

create table scenarios (
  key        text not null,
  version    int not null,
  status     text not null check (status in ('draft', 'validated', 'archived')),
  definition jsonb not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  primary key (key, version)
);

create table campaigns (
  id               text primary key,
  scenario_key     text not null,
  scenario_version int not null,
  scenario         jsonb not null,               -- the definition as it was started: later edits do not reach a run
  matrix_version   int,
  segment_version  int,
  seed             text not null,
  workflow_id      text not null unique,
  run_id           text,
  stage            text not null default 'define',
  hold             text not null default 'run' check (hold in ('run', 'paused', 'aborted')),
  blocked_on       text,                         -- why it is waiting, in words; null: it is not
  "end"            text check ("end" in ('completed', 'no-winner', 'rejected', 'stopped', 'aborted', 'expired', 'failed')),
  end_reason       text,
  approved_hash    text,
  decision         jsonb,
  created_by       text not null,
  created_at       timestamptz not null default now(),
  ended_at         timestamptz,
  foreign key (scenario_key, scenario_version) references scenarios
);
create index campaigns_open on campaigns (created_at) where "end" is null;

create table campaign_stages (
  campaign_id text not null references campaigns on delete cascade,
  stage       text not null,
  started_at  timestamptz not null default now(),
  ended_at    timestamptz,
  outcome     text,                              -- 'done', 'not-applicable', or what stopped it
  details     jsonb not null default '{}',
  primary key (campaign_id, stage)
);

create table campaign_schedules (
  id           text primary key,
  scenario_key text not null,
  schedule_id  text not null unique,             -- the Temporal Schedule
  kind         text not null check (kind in ('at', 'cron')),
  spec         text not null,                    -- ISO 8601 instant, or a cron line
  timezone     text not null default 'Europe/Paris',
  state        text not null default 'active' check (state in ('active', 'cancelled', 'done')),
  created_by   text not null,
  created_at   timestamptz not null default now(),
  updated_at   timestamptz not null default now()
);

create table dry_runs (
  id               text primary key,
  scenario_key     text not null,
  scenario_version int not null,
  report           jsonb not null,
  created_by       text not null,
  created_at       timestamptz not null default now()
);

-- The audience: frozen members and their arms; "planned" is a row here without one in deliveries ----------

create table audiences (
  campaign_id text primary key references campaigns on delete cascade,
  matched     bigint not null,
  excluded    jsonb not null,                    -- {reason: n}; matched = members + sum(excluded) + holdout
  holdout     bigint not null,
  members     bigint not null,
  arms        jsonb not null,
  parts       jsonb not null,
  personas    jsonb not null,
  definition_sha256 text not null,
  frozen_at   timestamptz not null default now()
);

create table audience_members (
  campaign_id text not null,
  profile_id  bigint not null,
  part        text not null,                     -- 'pilot' | 'test' | 'rollout'
  arm         text,                              -- null in the roll-out until the decision names one
  persona     text not null,
  bucket      smallint not null,                 -- 0..9999, from the arm hash: roll-out waves take ranges of it
  primary key (campaign_id, part, profile_id)
) with (fillfactor = 100);

-- Creatives -----------------------------------------------------------------------------------------------

create table blobs (
  sha256       text primary key,
  content_type text not null,
  bytes        bigint not null,
  created_at   timestamptz not null default now()
);

create table creatives (
  id          bigint generated always as identity primary key,
  campaign_id text not null references campaigns on delete cascade,
  step        text not null,
  persona     text not null,
  arm         text not null,
  channel     text not null,
  locale      text not null,
  revision    int not null default 1,
  hash        text not null,                     -- SHA-256 of what it was made from and what came out
  subject     text not null,
  preheader   text not null,
  html        text not null,                     -- Liquid still in it for what is the person's own
  text        text not null,
  hero        text not null,                     -- blob sha256
  hero_is_fallback boolean not null default false,
  links       jsonb not null,                    -- [{index, url, label}]: the only places a tracked link may lead
  meta        jsonb not null default '{}',
  status      text not null check (status in ('rendered', 'passed', 'reject')),
  comment     text,
  created_at  timestamptz not null default now(),
  unique (campaign_id, step, persona, arm, channel, locale, revision)
);

create table findings (
  creative_id bigint not null references creatives on delete cascade,
  "check"     text not null,
  severity    text not null check (severity in ('blocking', 'warning', 'info')),
  message     text not null,
  path        text,
  primary key (creative_id, "check", message)
);

-- Approvals -----------------------------------------------------------------------------------------------

create table approvals (
  id           text primary key,
  campaign_id  text not null references campaigns on delete cascade,
  subject_hash text not null,
  requested_at timestamptz not null default now(),
  deadline_at  timestamptz not null,
  slack_channel text,
  slack_ts     text,
  state        text not null default 'waiting' check (state in ('waiting', 'approved', 'rejected', 'expired', 'void'))
);

create table decisions (
  id           text primary key,                 -- the decision id: handled once, whichever door it came in by
  approval_id  text not null references approvals on delete cascade,
  decision     text not null check (decision in ('approve', 'reject')),
  by           text not null,
  via          text not null check (via in ('rest', 'slack')),
  subject_hash text not null,
  reason       text,
  outcome      text not null,                    -- 'counted' or why it changed nothing
  at           timestamptz not null default now()
);

-- Slack: what came in waits here until the worker carries it on. De-duplicated on Slack's own trigger id.
create table slack_inbox (
  id          text primary key,
  payload     jsonb not null,
  received_at timestamptz not null default now(),
  handled_at  timestamptz,
  answer      text,
  attempts    int not null default 0
);
create index slack_inbox_waiting on slack_inbox (received_at) where handled_at is null;

-- Delivery: the ledger ------------------------------------------------------------------------------------

create table waves (
  campaign_id text not null references campaigns on delete cascade,
  step        text not null,
  wave        text not null,
  part        text not null,
  arm         text,                              -- the arm everybody of the wave gets; null: each their own
  bucket_from int not null default 0,
  bucket_to   int not null default 10000,        -- exclusive
  planned     bigint not null,
  withheld    bigint not null default 0,         -- control people, who get nothing
  started_at  timestamptz not null default now(),
  ended_at    timestamptz,
  primary key (campaign_id, step, wave)
);

-- One message to one person for one step. The row is inserted by the claim and updated about twice:
-- half-full pages keep those updates on the page (HOT), so no index or partial predicate may name `state`.
create table deliveries (
  id           bigint generated always as identity,
  campaign_id  text not null,
  step         text not null,
  profile_id   bigint not null,
  wave         text not null,
  arm          text not null,
  persona      text not null,
  channel      text not null,
  creative_id  bigint,
  state        text not null check (state in ('planned', 'claimed', 'sending', 'accepted', 'failed', 'skipped', 'uncertain')),
  code         text,                             -- of a failure: the provider's, or ours
  reason       text,                             -- of a skip, a deferral, an uncertainty
  open_pixel   boolean not null default false,
  consent_event_id bigint,                       -- the proof that allowed it
  attempts     smallint not null default 0,
  not_before   timestamptz,
  gated_at     timestamptz not null default clock_timestamp(),  -- exposure: outcomes count from here
  settled_at   timestamptz,
  provider_id  text,
  primary key (campaign_id, step, profile_id)
) with (fillfactor = 50);
create unique index deliveries_id on deliveries (id);
create index deliveries_profile on deliveries (profile_id);

-- Control people meet the gate when their wave would have sent, and reserve nothing.
create table control_gate (
  campaign_id text not null,
  step        text not null,
  profile_id  bigint not null,
  wave        text not null,
  arm         text not null,
  persona     text not null,
  allowed     boolean not null,
  reason      text,
  gated_at    timestamptz not null default clock_timestamp(),
  primary key (campaign_id, step, profile_id)
);

-- Experiments, incidents, improvement ---------------------------------------------------------------------

create table evaluations (
  id          bigint generated always as identity primary key,
  campaign_id text not null references campaigns on delete cascade,
  look        int not null,
  inputs      jsonb not null,
  result      jsonb not null,
  at          timestamptz not null default now(),
  unique (campaign_id, look)
);

create table incidents (
  id          text primary key,
  campaign_id text references campaigns on delete cascade,
  kind        text not null,
  message     text not null,
  details     jsonb not null default '{}',
  slack_ts    text,
  at          timestamptz not null default now()
);

create table backlog_items (
  id           text primary key,
  campaign_id  text references campaigns on delete cascade,
  title        text not null,
  why          text not null,
  revenue_potential       smallint not null check (revenue_potential between 1 and 5),
  difficulty              smallint not null check (difficulty between 1 and 5),
  statistical_feasibility smallint not null check (statistical_feasibility between 1 and 5),
  priority     numeric(6, 2) not null,
  state        text not null default 'open',
  created_at   timestamptz not null default now()
);

create table test_log_entries (
  campaign_id    text primary key references campaigns on delete cascade,
  context        text not null,
  hypothesis     text not null,
  implementation text not null,
  result         text not null,
  insight        text not null,
  next_step      text not null,
  created_at     timestamptz not null default now()
);

create table reports (
  campaign_id text primary key references campaigns on delete cascade,
  markdown    text not null,
  data        jsonb not null,
  created_at  timestamptz not null default now()
);

-- Access, audit, idempotency ------------------------------------------------------------------------------

create table api_keys (
  id         text primary key,                   -- the public half, shown in the audit
  hash       bytea not null,                     -- SHA-256 of the secret half (256 random bits: no slow hash needed)
  principal  text not null,                      -- who it speaks for
  slack_user text unique,                        -- the same person in Slack
  roles      text[] not null,
  created_at timestamptz not null default now(),
  revoked_at timestamptz
);

create table audit_log (
  id        bigint generated always as identity primary key,
  at        timestamptz not null default now(),
  principal text not null,
  action    text not null,                       -- 'POST /v1/campaigns'
  target    text,
  status    int not null,
  request_id text not null,
  details   jsonb not null default '{}'
);
create index audit_log_at on audit_log (at);

create table idempotency_keys (
  principal    text not null,
  key          text not null,
  request_hash bytea not null,
  status       int,                              -- null: still running
  body         text,
  content_type text,
  created_at   timestamptz not null default now(),
  primary key (principal, key)
);
create index idempotency_keys_created on idempotency_keys (created_at);
