-- Accounts besides its own that Monitor shows an event to: a move concerns the old owner, and the master who made it.
create table monitor_copies (
  org_id     uuid not null,
  account_id uuid not null,
  event_id   uuid not null,
  primary key (org_id, account_id, event_id)
) {clustered};
