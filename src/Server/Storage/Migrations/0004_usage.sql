-- A data session of a SIM, as its network reports it: of everything the latest word, of the counters the largest.
create table data_sessions (
  org_id      uuid   not null,
  sim_id      uuid   not null,
  session     text   not null, -- the network's own name for it
  id          uuid   not null, -- WN…; its millisecond is the start as first reported
  account_id  uuid   not null, -- whose SIM it was at the latest mark
  started_at  bigint not null,
  ended_at    bigint,
  reported_at bigint not null,
  marked_at   bigint not null, -- the latest mark
  uploaded    bigint not null,
  downloaded  bigint not null,
  roaming     text   not null, -- where its use is counted: home, national, or the country's ISO 3166-1 alpha-3 code
  mcc         text,            -- ITU-T E.212
  mnc         text,
  network_at  bigint,          -- of the report that named it; so for radio and imei
  radio       text,
  radio_at    bigint,
  imei        text,            -- 3GPP TS 23.003 6.2
  imei_at     bigint,
  primary key (org_id, sim_id, session)
) {clustered};
create index data_sessions_list on data_sessions (org_id, sim_id, id);

-- How far the counters of a session had come by the end of an hour, or of the part of it in which one account owned the SIM.
create table usage_marks (
  org_id     uuid   not null,
  session_id uuid   not null,
  at         bigint not null, -- where the hour, or the part of it, begins
  account_id uuid   not null,
  uploaded   bigint not null,
  downloaded bigint not null,
  primary key (org_id, session_id, at)
) {clustered};

-- What follows from the marks and the Commands, summed so that usage is read by one index range.
create table usage_hours (
  org_id     uuid   not null,
  sim_id     uuid   not null,
  hour       bigint not null,
  account_id uuid   not null,
  roaming    text   not null,
  uploaded   bigint not null,
  downloaded bigint not null,
  from_sim   bigint not null,
  to_sim     bigint not null,
  primary key (org_id, sim_id, hour, account_id, roaming)
) {clustered};

-- The same of all SIMs of an account. Stripes keep writers at the same time off each other's rows; a reader adds them up.
create table account_usage_hours (
  org_id     uuid   not null,
  account_id uuid   not null,
  hour       bigint not null,
  roaming    text   not null,
  stripe     bigint not null,
  uploaded   bigint not null,
  downloaded bigint not null,
  from_sim   bigint not null,
  to_sim     bigint not null,
  primary key (org_id, account_id, hour, roaming, stripe)
) {clustered};

-- Who owned a SIM until it moved: usage stays with the account that owned it then.
create table sim_moves (
  org_id     uuid   not null,
  sim_id     uuid   not null,
  at         bigint not null,
  account_id uuid   not null,
  primary key (org_id, sim_id, at)
) {clustered};

-- What a SIM has used in its running month, and what of its data is restricted because a limit of its plan was reached.
create table data_periods (
  org_id        uuid   not null,
  sim_id        uuid   not null,
  anchor        bigint not null, -- the day of activation: months are counted from it
  starts_at     bigint not null,
  ends_at       bigint not null,
  home          bigint not null, -- bytes
  national      bigint not null,
  international bigint not null,
  wanted        text   not null, -- open, or block or throttle and where: block home,national
  in_effect     text   not null, -- as the carrier has confirmed it
  attempts      bigint not null, -- at the carrier, for what is wanted
  primary key (org_id, sim_id)
) {clustered};

-- What data a carrier of kind test restricts.
create table test_network_data (
  org_id     uuid not null,
  sim_id     uuid not null,
  restricted text not null,
  primary key (org_id, sim_id)
) {clustered};
