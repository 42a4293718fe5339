-- Why: pollers of several workers share the inbox. A row is leased while it is handled (no transaction is held over
-- a call to Temporal or Slack) and put off after a failure; both are this one moment. A worker that dies keeps
-- nobody waiting longer than its lease.

set local search_path = boucle;

alter table slack_inbox add column not_before timestamptz not null default now();
