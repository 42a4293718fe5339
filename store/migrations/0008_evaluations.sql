-- Why: what was computed of a test can be computed again, by the code that computed it.

set local search_path = boucle;

alter table evaluations add column revision text;   -- of the code that judged; null: from before it was kept
