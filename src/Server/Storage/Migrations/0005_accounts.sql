alter table accounts add column status text not null default 'active'; -- active, suspended, closed
alter table accounts add column suspended_after uuid;                  -- operations opened before this id end: the latest suspension
alter table accounts add column updated_at bigint not null default 0;
update accounts set updated_at = created_at;

-- The id again, of an event that KORE's Monitor tells of: an update of what a Sim shows there. A column of its own, so that a planner
-- reads a list in the order of its filter's index and not through the whole primary key.
alter table events add column monitor_id uuid;
update events set monitor_id = id
where type in ('sim.updated', 'sim.moved', 'sim.reset', 'operation.refused', 'operation.expired', 'operation.withdrawn');
create index events_monitor on events (org_id, account_id, monitor_id) where monitor_id is not null;
create index events_monitor_sim on events (org_id, account_id, sim_id, monitor_id) where monitor_id is not null;
create index events_monitor_actor on events (org_id, account_id, actor_sid, monitor_id)
  where monitor_id is not null and actor_kind = 'account';
create index events_monitor_address on events (org_id, account_id, actor_address, monitor_id)
  where monitor_id is not null and actor_kind = 'account';
