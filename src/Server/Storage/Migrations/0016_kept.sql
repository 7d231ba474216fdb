-- What is old is found by its age, whoever it belongs to.
drop index idempotency_age;
create index idempotency_old on idempotency (org_id, created_at);
create index monitor_copies_event on monitor_copies (org_id, event_id);
create index sim_moves_age on sim_moves (org_id, at);
