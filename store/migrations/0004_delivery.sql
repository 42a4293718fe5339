-- Why: every message allowed, sent once and accounted for, on six channels. Policies become one table with versions
-- of who changed what; people's preferences, devices and double opt-ins; limits of rate and budget; service messages,
-- continuous intake and proofs; and what goes out to subscribed webhooks.

set local search_path = boucle;

-- Policies: reviewed JSON in config/policies seeds an empty kind, afterwards this is the truth ---------------

create table policies (
  kind       text not null check (kind in ('cap', 'quiet-hours', 'channel', 'unit-cost', 'rate')),
  key        text not null,
  definition jsonb not null,
  updated_by text not null default 'seed',
  updated_at timestamptz not null default now(),
  primary key (kind, key)
);
insert into policies (kind, key, definition, updated_at) select 'cap', key, definition, updated_at from caps
where definition ->> 'nature' not in ('service', 'official');  -- exempt: such a cap was never asked
drop table caps;

-- Every change somebody made; a definition of null took the policy away.
create table policy_changes (
  id         bigint generated always as identity primary key,
  kind       text not null,
  key        text not null,
  definition jsonb,
  changed_by text not null,
  changed_at timestamptz not null default clock_timestamp()
);
create index policy_changes_of on policy_changes (kind, key, id);

-- Identity: what the other channels need to reach somebody -------------------------------------------------

alter table identity.people
  add address_1 text,
  add address_2 text,
  add country text;

create table identity.device_tokens (
  token_fp bytea primary key,
  token    text not null
);

-- Values a service message was asked with (an order's number, a link): personal, so not beside the ledger.
create table identity.message_values (
  message_id text primary key,
  "values"   jsonb not null
);

-- Staff who get tests and proofs.
create table identity.seed_addresses (
  list    text not null,
  channel text not null default 'email',
  address text not null,
  primary key (list, channel, address)
);

create table identity.proof_addresses (
  proof_id text primary key,
  address  text not null
);

-- What waits in the application for somebody: filled in for the person, so personal.
create table identity.in_app_messages (
  delivery_id  bigint primary key,
  profile_id   bigint not null,
  campaign_id  text not null,
  brand        text not null,
  placement    text not null,
  contexts     text[] not null default '{}',     -- sessions it may be shown in; empty: any
  content      jsonb not null,                   -- {title, body, ctaLabel, ctaUrl, locale}
  transparent  boolean not null default false,   -- the neutral words for who did not agree to being profiled
  published_at timestamptz not null default now(),
  expires_at   timestamptz,
  shown_at     timestamptz,
  clicked_at   timestamptz,
  dismissed_at timestamptz
);
create index in_app_messages_profile on identity.in_app_messages (profile_id, placement);
-- What is over is cleared away every hour.
create index in_app_messages_expires on identity.in_app_messages (expires_at);
create index in_app_messages_published on identity.in_app_messages (published_at);

-- Profiles -------------------------------------------------------------------------------------------------

alter table profiles add postal_fp bytea;        -- HMAC of the postal address; null: no letter reaches them

create table devices (
  token_fp   bytea primary key,
  profile_id bigint not null,
  platform   text not null check (platform in ('android', 'ios', 'web')),
  locale     text,
  seen_at    timestamptz not null default now(),
  revoked_at timestamptz
);
create index devices_profile on devices (profile_id) where revoked_at is null;

-- Consent and preferences ----------------------------------------------------------------------------------

alter table consent_events drop constraint consent_events_action_check;
alter table consent_events add constraint consent_events_action_check
  check (action in ('requested', 'granted', 'refused', 'withdrawn', 'objected', 'expired'));

-- A source's own id of what somebody said: told twice, it is one event.
alter table consent_events add external_id text;
create unique index consent_events_external on consent_events (source, external_id) where external_id is not null;

-- The exact words somebody was shown, by their hash.
create table consent_wordings (
  sha256     text primary key,
  wording    text not null,
  locale     text not null,
  created_at timestamptz not null default now()
);

-- Double opt-in: asked, not yet given. The token itself is only in the message.
create table consent_requests (
  id           text primary key,
  profile_id   bigint not null,
  purpose      text not null,
  channel      text not null,
  brand        text,
  wording_sha256 text,
  locale       text,
  source       text not null,
  recorded_by  text not null,
  token_sha256 bytea not null unique,
  message_id   text,
  requested_at timestamptz not null default now(),
  expires_at   timestamptz not null,
  confirmed_at timestamptz
);

create table preferences (
  profile_id        bigint primary key,
  paused_until      timestamptz,                 -- no marketing until then
  preferred_channel text,
  refused_topics    text[] not null default '{}',
  newsletter_limit  int,                         -- at most this many newsletters in newsletter_days: rules over the cap
  newsletter_days   numeric,
  send_hour         smallint check (send_hour between 0 and 23),  -- local
  updated_at        timestamptz not null default now(),
  updated_by        text not null
);

alter table suppressions
  add source text not null default 'boucle',
  add recorded_by text;

-- Contacts other tools made are imported, each once by its own id.
alter table contacts
  add format text,
  add external_id text;
create unique index contacts_external on contacts (source, external_id) where external_id is not null;
-- Calendar and audit read stretches of time; a block range index costs an insert next to nothing.
create index contacts_at on contacts using brin (at);
-- What followed a contact is read over the same weeks: of 600,000 events 53 ms instead of 167, and 24 kB of index.
create index events_at on events using brin (at);
create index consent_events_at on consent_events using brin (at);
-- An upload of which nothing has come for long was cut off.
alter table import_chunks add received_at timestamptz not null default now();
-- A provider's id of an event stands for one message.
create index events_told_as on events ((properties ->> 'providerEventId')) where properties ->> 'providerEventId' is not null;

-- Webhooks out ---------------------------------------------------------------------------------------------

create table webhook_subscriptions (
  id         text primary key,
  url        text not null,
  secret     text not null,
  events     text[] not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  disabled_at timestamptz
);

create table webhook_outbox (
  id              bigint generated always as identity primary key,
  subscription_id text not null references webhook_subscriptions on delete cascade,
  event_id        text not null,                 -- the receiver's key against doubles
  event           text not null,
  payload         jsonb not null,
  created_at      timestamptz not null default now(),
  attempts        int not null default 0,
  next_at         timestamptz not null default now(),
  delivered_at    timestamptz,
  given_up_at     timestamptz,
  last_status     int,
  unique (subscription_id, event_id)
);
create index webhook_outbox_due on webhook_outbox (next_at) where delivered_at is null and given_up_at is null;

-- Creatives: only e-mails have pictures --------------------------------------------------------------------

alter table creatives alter column hero drop not null;

-- Sending --------------------------------------------------------------------------------------------------

alter table deliveries
  add tried text[],                              -- channels that failed before this one
  add cost_micros int,                           -- millionths of a euro
  add in_doubt text;                             -- channel whose provider may have it already, and knows it again by its key

alter table waves add deadline_at timestamptz;

alter table campaigns add approved_members bigint;  -- the audience's size when it was approved

-- Providers that know a message by their own id alone. Of all kinds of index only this one keeps the updates of a send
-- within their page (a b-tree on a column that they change would not); an id costs some milliseconds to find.
create index deliveries_provider on deliveries using brin (provider_id text_bloom_ops (n_distinct_per_range = 2000))
  with (pages_per_range = 32);

-- A row of its own: the campaign's is read by every turn of a send.
create table campaign_budgets (
  campaign_id  text primary key references campaigns on delete cascade,
  limit_micros bigint not null,
  spent_micros bigint not null default 0 check (spent_micros >= 0)  -- past the limit where a message cost more than foreseen
);

-- What the owners of a campaign are told of a wave, once each: it stopped at its budget, or gave way to campaigns that
-- go first. Noted by the claim, told by whoever takes the row.
create table wave_notices (
  campaign_id text not null references campaigns on delete cascade,
  wave        text not null,
  kind        text not null check (kind in ('budget', 'yielded')),
  noted_at    timestamptz not null default now(),
  next_at     timestamptz not null default now(),
  told_at     timestamptz,
  primary key (campaign_id, wave, kind)
);
create index wave_notices_due on wave_notices (next_at) where told_at is null;

-- Token buckets, shared by every worker.
create table rate_buckets (
  key         text primary key,                  -- 'provider:email', 'domain:example.com'
  tokens      double precision not null,
  refilled_at timestamptz not null default clock_timestamp()
);

-- Domains that asked us to slow down.
create table domain_backoffs (
  domain   text primary key,
  until    timestamptz not null,
  refusals int not null default 1
);

-- Who is in a continuous campaign's segment: entering is not having been in it.
create table continuous_inside (
  campaign_id text not null references campaigns on delete cascade,
  profile_id  bigint not null,
  since       timestamptz not null default now(),
  primary key (campaign_id, profile_id)
);

-- Every entry into a continuous campaign: the rule of re-entry looks at those of all its periods.
create table continuous_entries (
  campaign_id  text not null references campaigns on delete cascade,
  profile_id   bigint not null,
  scenario_key text not null,
  at           timestamptz not null default now(),
  primary key (campaign_id, profile_id)
);
create index continuous_entries_scenario on continuous_entries (scenario_key, profile_id, at);

-- What a continuous campaign owes to whom, a row a person and step: a round reads what is open, not everybody who ever
-- entered, and no index on the ledger need name its state. What became of a message, the ledger says.
create table entry_messages (
  campaign_id text not null references campaigns on delete cascade,
  step        text not null,
  profile_id  bigint not null,
  due_at      timestamptz not null default now(),  -- since then only its sending is waited for
  next_at     timestamptz not null default now(),  -- not to be looked at before
  settled_at  timestamptz,
  primary key (campaign_id, step, profile_id)
);
create index entry_messages_open on entry_messages (campaign_id, step, profile_id, next_at) where settled_at is null;
create index entry_messages_settled on entry_messages (campaign_id, settled_at) where settled_at is not null;

-- Service messages, one to one person; their ledger row carries `step = 'm.' || id`.
create table messages (
  id          text primary key,
  campaign_id text not null references campaigns on delete cascade,
  profile_id  bigint not null,
  created_by  text not null,
  created_at  timestamptz not null default clock_timestamp(),
  deadline_at timestamptz not null,
  not_before  timestamptz,
  settled_at  timestamptz
);
-- Campaigns and callers are found one by one from it, and each caller's oldest message, put off or not.
create index messages_waiting on messages (campaign_id, created_by, not_before, created_at) where settled_at is null;
create index messages_campaign on messages (campaign_id, settled_at);

-- Tests to seed lists and proofs with a person's data: marked, and in no count.
create table seed_lists (
  key        text primary key,
  name       text not null,
  updated_by text not null,
  updated_at timestamptz not null default now()
);

create table proofs (
  id           text primary key,
  campaign_id  text not null references campaigns on delete cascade,
  creative_id  bigint not null,
  profile_id   bigint,                           -- whose data fills it; null: nobody's
  channel      text not null,
  state        text not null default 'waiting' check (state in ('waiting', 'sent', 'failed', 'uncertain')),
  code         text,
  requested_by text not null,
  requested_at timestamptz not null default now(),
  attempts     smallint not null default 0,
  not_before   timestamptz not null default now(),
  sent_at      timestamptz
);
create index proofs_of on proofs (campaign_id, requested_at);
create index proofs_waiting on proofs (requested_at) where state = 'waiting';
