-- What is noted on the databases of these names.
select shobj_description(oid, 'pg_database') as comment from pg_catalog.pg_database where datname = any($1::text[])
