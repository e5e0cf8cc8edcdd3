-- \dn: schemas whose name matches $2 (null: all except system schemas).
select n.nspname as "Name", pg_get_userbyid(n.nspowner) as "Owner"
from pg_catalog.pg_namespace n
where $1::text is null
  and case when $2::text is null then n.nspname !~ '^pg_' and n.nspname <> 'information_schema' else n.nspname ~ $2 end
order by 1
