-- The comments of the databases named $1, or of the current one if $1 is null.
select shobj_description(oid, 'pg_database') as comment from pg_catalog.pg_database where datname = any(coalesce($1::text[], array[current_database()::text]))
