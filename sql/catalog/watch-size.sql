-- The size of the database of the session, for which the server looks at each of its files.
select pg_catalog.pg_database_size(pg_catalog.current_database())::float8 as bytes
