-- A key can be renamed: when that was last done.
alter table credentials add column updated_at bigint;
