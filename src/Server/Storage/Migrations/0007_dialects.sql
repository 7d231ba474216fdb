-- A stored callback says in which dialect it was given: that one writes its message.
alter table sims add column remembered_dialect text;
update sims set remembered_dialect = 'kore' where remembered_url is not null;
alter table operations add column callback_dialect text;
update operations set callback_dialect = 'kore' where callback_url is not null;
alter table commands add column callback_dialect text;
update commands set callback_dialect = 'kore' where callback_url is not null;

-- A delivery says whose message it is.
alter table deliveries add column dialect text not null default 'kore';
update deliveries set dialect = 'gigs' where kind = 'webhook';
