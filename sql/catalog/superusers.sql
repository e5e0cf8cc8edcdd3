select oid from pg_catalog.pg_roles where rolsuper
