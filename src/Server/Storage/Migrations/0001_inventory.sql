-- Types are PostgreSQL's; SQLite stores ids as 16-byte blobs, times as milliseconds since 1970 UTC. {clustered} is WITHOUT ROWID on
-- SQLite. Every key starts with org_id, so that the tables can be spread by it; directory is the one exception.

create table orgs (
  org_id     uuid   not null primary key,
  created_at bigint not null
);

-- What belongs to the installation and not to a customer (org_id all zero): the key ring, the clock.
create table installation (
  org_id uuid not null,
  name   text not null,
  value  text not null,
  primary key (org_id, name)
) {clustered};

-- What is unique in the installation, and who has it: iccid, imsi, msisdn, account, project, credential (a hash).
create table directory (
  kind   text not null,
  value  text not null,
  org_id uuid not null,
  target uuid not null,
  primary key (kind, value)
) {clustered};

create table accounts (
  org_id            uuid   not null,
  id                uuid   not null,
  parent_id         uuid,
  name              text   not null,
  project           text   not null,
  sealed_auth_token bytea  not null,
  created_at        bigint not null,
  primary key (org_id, id)
) {clustered};

-- Everything one can log in with, by its hash: token (an account's), gigs, kore, client, operator.
create table credentials (
  org_id     uuid   not null,
  id         uuid   not null,
  account_id uuid,
  kind       text   not null,
  role       text   not null,
  name       text   not null,
  hash       text   not null,
  created_at bigint not null,
  expires_at bigint,
  primary key (org_id, id)
) {clustered};

create table rate_plans (
  org_id              uuid   not null,
  id                  uuid   not null,
  account_id          uuid   not null,
  unique_name         text,
  friendly_name       text,
  data_metering       text   not null,
  data_limit_strategy text   not null,
  narrowband          text   not null,
  created_at          bigint not null,
  updated_at          bigint not null,
  primary key (org_id, id)
) {clustered};
create unique index rate_plans_unique_name on rate_plans (org_id, account_id, unique_name) where unique_name is not null;

create table sims (
  org_id                     uuid   not null,
  id                         uuid   not null,
  account_id                 uuid   not null,
  iccid                      text   not null, -- ITU-T E.118; 19 or 20 digits
  imsi                       text,            -- 3GPP TS 23.003 2.2; 6 to 15 digits
  msisdn                     text,            -- ITU-T E.164; without +
  eid                        text,            -- GSMA SGP.29; 32 digits, not unique: one eUICC holds several profiles
  type                       text   not null,
  provider                   text   not null,
  unique_name                text,
  friendly_name              text,
  status                     text   not null, -- settled
  shown                      text   not null, -- what KORE shows: status, updating or scheduled
  status_since               bigint not null,
  resetting                  bigint not null,
  rate_plan_id               uuid,
  narrowband                 bigint not null,
  registration_code          text,
  user_id                    text,
  ip_address                 text,
  metadata                   text,
  hooks                      text,
  smdp_address               text,            -- GSMA SGP.22 4.1
  sealed_matching_id         bytea,
  confirmation_code_required bigint not null,
  profile_status             text   not null,
  profile_updated_at         bigint,
  qr_counter                 bigint not null,
  remembered_url             text,
  remembered_method          text,
  commands                   bigint not null,
  data_bytes                 bigint not null,
  suspension_noticed         bigint not null,
  updated_at                 bigint not null,
  version                    bigint not null,
  primary key (org_id, id)
);
create unique index sims_iccid on sims (org_id, iccid);
create unique index sims_unique_name on sims (org_id, account_id, unique_name) where unique_name is not null;
create index sims_list on sims (org_id, account_id, id);
create index sims_status on sims (org_id, account_id, status, shown, id);
create index sims_provider on sims (org_id, account_id, provider, id);
create index sims_type on sims (org_id, account_id, type, id);
create index sims_user on sims (org_id, account_id, user_id, id) where user_id is not null;
create index sims_rate_plan on sims (org_id, account_id, rate_plan_id, id) where rate_plan_id is not null;
create index sims_eid on sims (org_id, account_id, eid, id) where eid is not null;
create index sims_registration_code on sims (org_id, account_id, registration_code, id) where registration_code is not null;

create table operations (
  org_id          uuid   not null,
  id              uuid   not null,
  sim_id          uuid   not null,
  account_id      uuid   not null,
  carrier         text   not null,
  kind            text   not null,
  wanted          text,
  changes_plan    bigint not null,
  plan_id         uuid,
  state           text   not null,
  attempts        bigint not null,
  waiting_for     text,
  next_try        bigint,
  deadline        bigint not null,
  uncertain       bigint not null,
  away_since      bigint,
  last_error      text,
  callback_url    text,
  callback_method text,
  actor_kind      text   not null,
  actor_sid       text,
  actor_address   text,
  ended_at        bigint,
  version         bigint not null,
  primary key (org_id, id)
);
create unique index operations_open on operations (org_id, sim_id) where state = 'open';
create index operations_sim on operations (org_id, sim_id, id);
create index operations_state on operations (org_id, state, id);

create table events (
  org_id        uuid not null,
  id            uuid not null,
  sim_id        uuid not null,
  account_id    uuid not null,
  type          text not null,
  actor_kind    text not null,
  actor_sid     text,
  actor_address text,
  operation_id  uuid,
  data          text not null, -- {"previous":{…},"updated":{…}}
  primary key (org_id, id)
) {clustered};
create index events_sim on events (org_id, sim_id, id);
create index events_account on events (org_id, account_id, id);

-- The durable queue: at most one job per kind and subject. Lanes keep urgent work in front and let each worker see only its own.
create table jobs (
  org_id      uuid   not null,
  kind        text   not null,
  subject_id  uuid   not null,
  lane        bigint not null,
  carrier     text   not null, -- whose budget it needs; empty: nobody's
  due_at      bigint not null, -- SIM clock
  lease_owner text,
  lease_until bigint,          -- wall clock
  primary key (org_id, kind, subject_id)
) {clustered};
create index jobs_due on jobs (org_id, lane, carrier, due_at);
create index jobs_leased on jobs (org_id, lease_until) where lease_until is not null;

-- What the network behind a carrier of kind test holds of a SIM, so that a lost answer can be read back.
create table test_network (
  org_id       uuid not null,
  sim_id       uuid not null,
  status       text not null,
  operation_id uuid not null,
  primary key (org_id, sim_id)
) {clustered};

create table deliveries (
  org_id     uuid   not null,
  id         uuid   not null,
  account_id uuid   not null,
  sim_id     uuid   not null,
  kind       text   not null, -- callback
  url        text   not null,
  method     text   not null,
  body       bytea  not null, -- fixed once; a GET carries it as query
  state      text   not null, -- pending, delivered, dead
  attempts   bigint not null,
  primary key (org_id, id)
);
create index deliveries_sim on deliveries (org_id, sim_id, id);
create index deliveries_state on deliveries (org_id, state, id);

create table attempts (
  org_id      uuid   not null,
  delivery_id uuid   not null,
  number      bigint not null,
  at          bigint not null, -- SIM clock
  status      bigint,
  latency_ms  bigint not null,
  answer      text,            -- the first 1 KB
  error       text,
  primary key (org_id, delivery_id, number)
) {clustered};

create table idempotency (
  org_id       uuid   not null,
  account_id   uuid   not null,
  key          text   not null,
  request_hash text   not null,
  status       bigint not null,
  body         bytea  not null,
  created_at   bigint not null, -- wall clock
  primary key (org_id, account_id, key)
) {clustered};
create index idempotency_age on idempotency (org_id, account_id, created_at);
