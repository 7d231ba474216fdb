alter table rate_plans add column data_enabled bigint not null default 1;
alter table rate_plans add column data_limit bigint not null default 1000; -- megabytes a month
alter table rate_plans add column messaging_enabled bigint not null default 1;
alter table rate_plans add column voice_enabled bigint not null default 0;
alter table rate_plans add column national_roaming_enabled bigint not null default 0;
alter table rate_plans add column national_roaming_data_limit bigint not null default 1000;
alter table rate_plans add column international_roaming text not null default ''; -- services, with commas between them
alter table rate_plans add column international_roaming_data_limit bigint not null default 1000;
create index rate_plans_account on rate_plans (org_id, account_id, id);

-- Messages to and from devices. A row goes when its time is over; its job sees to that, and before that to its being sent.
create table commands (
  org_id          uuid   not null,
  id              uuid   not null,
  account_id      uuid   not null,
  sim_id          uuid   not null,
  direction       text   not null, -- to_sim, from_sim
  mode            text   not null, -- text, binary
  body            text   not null, -- binary: Base64
  include_sid     text   not null, -- none, start, end
  receipt         bigint not null,
  status          text   not null, -- queued, sent, delivered, received, failed
  attempts        bigint not null,
  last_error      text,
  callback_url    text,
  callback_method text,
  updated_at      bigint not null,
  version         bigint not null,
  primary key (org_id, id)
) {clustered};
create index commands_list on commands (org_id, account_id, id);
create index commands_sim on commands (org_id, account_id, sim_id, id);
create index commands_status on commands (org_id, account_id, status, id);
create index commands_queued on commands (org_id, sim_id) where status = 'queued';
