alter table accounts add column status text not null default 'active'; -- active, suspended, closed
alter table accounts add column suspended_after uuid;                  -- operations opened before this id end: the latest suspension
alter table accounts add column updated_at bigint not null default 0;
update accounts set updated_at = created_at;

-- Whether KORE's Monitor tells of the event: an update of what a Sim shows there.
alter table events add column monitored bigint not null default 0;
update events set monitored = 1
where type in ('sim.updated', 'sim.moved', 'sim.reset', 'operation.refused', 'operation.expired', 'operation.withdrawn');
create index events_monitor on events (org_id, account_id, id) where monitored = 1;
create index events_monitor_sim on events (org_id, account_id, sim_id, id) where monitored = 1;
create index events_monitor_actor on events (org_id, account_id, actor_sid, id) where monitored = 1 and actor_kind = 'account';
create index events_monitor_address on events (org_id, account_id, actor_address, id) where monitored = 1 and actor_kind = 'account';
