-- Indexes on the same columns, in the same way; the later one is named, with the one that does the same.
select distinct on (i.indexrelid)
  i.indexrelid::regclass || ' (as ' || same.indexrelid::regclass || ')' as name,
  pg_relation_size(i.indexrelid)::float8 as value
from pg_catalog.pg_index i
join pg_catalog.pg_class c on c.oid = i.indexrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_index same on same.indrelid = i.indrelid and same.indexrelid <> i.indexrelid
join pg_catalog.pg_class o on o.oid = same.indexrelid and o.relam = c.relam
where i.indkey::text = same.indkey::text and i.indclass::text = same.indclass::text
  and i.indcollation::text = same.indcollation::text and i.indoption::text = same.indoption::text
  and i.indexprs::text is not distinct from same.indexprs::text and i.indpred::text is not distinct from same.indpred::text
  and i.indnkeyatts = same.indnkeyatts
  and (not i.indisunique or same.indisunique) and not i.indisprimary
  and (same.indisprimary or (same.indisunique and not i.indisunique) or (same.indisunique = i.indisunique and same.indexrelid < i.indexrelid))
  and not exists (select from pg_catalog.pg_constraint k where k.conindid = i.indexrelid)
  and n.nspname <> 'pg_catalog' and n.nspname !~ '^pg_toast'
order by i.indexrelid, same.indexrelid
