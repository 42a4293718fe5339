-- Why: a campaign is often started right after an import, long before autovacuum looks at the tables; the planner then
-- guesses, and a freeze of 20,000 people took 18 s instead of one. So imports and freezes analyse what they wrote.
-- From PostgreSQL 17 a role needs `maintain` for it; before, only the owner can, and the analyse passes with a warning.
do $$
begin
  if current_setting('server_version_num')::int >= 170000 then
    execute 'grant maintain on boucle.profiles, boucle.profile_keys, boucle.events, boucle.consent_state,
             boucle.audience_members, boucle.deliveries, boucle.control_gate to boucle_app';
    execute 'grant maintain on identity.people to boucle_identity';
  end if;
end $$;
