-- How often in a row the work of a job has broken off in a way that its subject could not record, and the last reason.
alter table jobs add column failures bigint not null default 0;
alter table jobs add column last_error text;
create index jobs_failed on jobs (org_id, failures) where failures > 0;
