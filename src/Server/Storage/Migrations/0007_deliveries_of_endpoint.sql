-- Lists of an endpoint's deliveries: without it, one that has few would be looked for in the whole history of its org.
create index deliveries_of_endpoint on deliveries (org_id, endpoint_id, id) where endpoint_id is not null;
