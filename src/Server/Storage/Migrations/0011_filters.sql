-- One index for each combination of filters, with every column before the id, so that no list walks through rows of another kind.
-- A filter that is not given is read as one range for each of its values: a SIM has six settled statuses and two types.
drop index sims_status;
drop index sims_provider;
drop index sims_type;
drop index sims_user;
drop index sims_rate_plan;
create index sims_shown on sims (org_id, account_id, shown, id);
create index sims_status on sims (org_id, account_id, status, type, id);
create index sims_provider on sims (org_id, account_id, provider, status, type, id);
create index sims_user on sims (org_id, account_id, user_id, status, type, id) where user_id is not null;
create index sims_user_provider on sims (org_id, account_id, user_id, provider, status, type, id) where user_id is not null;
create index sims_rate_plan on sims (org_id, account_id, rate_plan_id, shown, id) where rate_plan_id is not null;
-- For operators, over the accounts of an org.
create index sims_org_status on sims (org_id, status, id);
create index sims_org_provider on sims (org_id, provider, status, id);

drop index commands_sim;
drop index commands_status;
create index commands_status on commands (org_id, account_id, status, direction, id);
create index commands_sim on commands (org_id, account_id, sim_id, status, direction, id);

-- What the filters of Monitor need, beside the copy itself.
alter table monitor_copies add column sim_id uuid;
alter table monitor_copies add column actor_sid text;     -- null: not an account's
alter table monitor_copies add column actor_address text;
update monitor_copies set
  sim_id = (select e.sim_id from events e where e.org_id = monitor_copies.org_id and e.id = monitor_copies.event_id),
  actor_sid = (select e.actor_sid from events e
    where e.org_id = monitor_copies.org_id and e.id = monitor_copies.event_id and e.actor_kind = 'account'),
  actor_address = (select e.actor_address from events e
    where e.org_id = monitor_copies.org_id and e.id = monitor_copies.event_id and e.actor_kind = 'account');
create index monitor_copies_sim on monitor_copies (org_id, account_id, sim_id, event_id);
create index monitor_copies_actor on monitor_copies (org_id, account_id, actor_sid, event_id);
create index monitor_copies_address on monitor_copies (org_id, account_id, actor_address, event_id);
