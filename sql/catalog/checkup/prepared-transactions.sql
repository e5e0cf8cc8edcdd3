-- Prepared transactions, in seconds: they hold locks and old rows until they are ended
-- (https://www.postgresql.org/docs/current/sql-prepare-transaction.html).
select gid as name, extract(epoch from now() - prepared)::float8 as value
from pg_catalog.pg_prepared_xacts
where prepared < now() - interval '5 minutes'
order by prepared
