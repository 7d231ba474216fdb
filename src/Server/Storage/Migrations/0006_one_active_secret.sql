-- Two who made webhook secrets of an account at once could leave two of one status. The newest of each stays: it is the one that signed.
delete from webhook_secrets where exists (
  select 1 from webhook_secrets newer where newer.org_id = webhook_secrets.org_id and newer.account_id = webhook_secrets.account_id
    and newer.status = webhook_secrets.status and newer.id > webhook_secrets.id);
create unique index webhook_secrets_status on webhook_secrets (org_id, account_id, status);
