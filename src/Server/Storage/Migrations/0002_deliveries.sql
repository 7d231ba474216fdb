-- Whose budget a job needs: a carrier's, or a receiver's; empty: nobody's.
alter table jobs rename column carrier to budget;

alter table deliveries add column receiver text not null default ''; -- scheme, host and port: one receiver's trouble is its own
alter table deliveries add column endpoint_id uuid;                  -- the webhook endpoint; null: a callback
alter table deliveries add column message_id uuid;                   -- webhooks: what deliveries of one event to several endpoints share
create index deliveries_endpoint on deliveries (org_id, endpoint_id, sim_id, id) where endpoint_id is not null and state = 'pending';
create index deliveries_account on deliveries (org_id, account_id, id);

-- Standing subscriptions to Gigs events.
create table webhook_endpoints (
  org_id            uuid   not null,
  id                uuid   not null,
  account_id        uuid   not null,
  url               text   not null,
  events            text   not null, -- a JSON array of event types; * takes all
  ordered           bigint not null, -- the next event of a SIM waits for the one before
  state             text   not null, -- enabled, disabled
  sealed_secret     bytea  not null,
  sealed_old_secret bytea,           -- signs beside the new one after a rotation
  old_secret_until  bigint,          -- wall clock
  failing_since     bigint,          -- SIM clock; null: the latest delivery succeeded
  primary key (org_id, id)
) {clustered};
create index webhook_endpoints_account on webhook_endpoints (org_id, account_id, id);

-- What kore-signature is made with (KORE webhook secrets API).
create table webhook_secrets (
  org_id        uuid   not null,
  id            uuid   not null,
  account_id    uuid   not null,
  name          text   not null,
  status        text   not null, -- active, pending
  sealed_secret bytea  not null,
  updated_at    bigint not null,
  primary key (org_id, id)
) {clustered};
create index webhook_secrets_account on webhook_secrets (org_id, account_id, id);
