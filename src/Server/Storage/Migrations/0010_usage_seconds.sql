-- The use of SIMs by the second in which it was reported: for the parts of hours at the ends of a window. Use that earlier versions counted
-- is in usage_hours only.
create table usage_seconds (
  org_id     uuid   not null,
  sim_id     uuid   not null,
  at         bigint not null, -- the second; milliseconds since 1970, UTC
  account_id uuid   not null,
  roaming    text   not null,
  uploaded   bigint not null,
  downloaded bigint not null,
  from_sim   bigint not null,
  to_sim     bigint not null,
  primary key (org_id, sim_id, at, account_id, roaming)
) {clustered};
create index usage_seconds_account on usage_seconds (org_id, account_id, at);
