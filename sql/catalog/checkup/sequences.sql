-- How much of its range, or of that of its column, a sequence has used, in percent. A role that may not read it gets null.
select
  s.schemaname || '.' || s.sequencename as name,
  (100.0 * s.last_value / least(
    s.max_value,
    case a.atttypid when 'int2'::regtype then 32767 when 'int4'::regtype then 2147483647 else s.max_value end
  ))::float8 as value
from pg_catalog.pg_sequences s
join pg_catalog.pg_namespace n on n.nspname = s.schemaname
join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = s.sequencename
left join pg_catalog.pg_depend d
  on d.classid = 'pg_class'::regclass and d.objid = c.oid and d.refclassid = 'pg_class'::regclass and d.refobjsubid > 0
left join pg_catalog.pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
where s.increment_by > 0 and not s.cycle and s.last_value > s.max_value / 1000000000
order by 2 desc
