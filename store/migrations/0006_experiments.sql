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
