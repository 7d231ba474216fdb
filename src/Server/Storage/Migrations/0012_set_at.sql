-- When a job was put, by the SIM clock: one that was put later than now is from before the clock was set back.
alter table jobs add column set_at bigint not null default 0;
