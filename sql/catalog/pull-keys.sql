-- Foreign keys that hold for all rows, with the operators that compare them. Those of partitions are part of their table's.
select
  pg_catalog.format('%I.%I', n.nspname, c.relname) as child,
  pg_catalog.format('%s%I.%I', case when p.relkind = 'p' then '' else 'only ' end, pn.nspname, p.relname) as parent,
  k.conname as name,
  (
    select pg_catalog.json_agg(pg_catalog.json_build_object(
      'child', pg_catalog.quote_ident(own.attname),
      'parent', pg_catalog.quote_ident(other.attname),
      'operator', pg_catalog.format('operator(%I.%s)', opn.nspname, op.oprname)
    ) order by place)
    from rows from (
      pg_catalog.unnest(k.conkey), pg_catalog.unnest(k.confkey), pg_catalog.unnest(k.conpfeqop)
    ) with ordinality as pair (child, parent, operator, place)
    join pg_catalog.pg_attribute own on own.attrelid = k.conrelid and own.attnum = pair.child
    join pg_catalog.pg_attribute other on other.attrelid = k.confrelid and other.attnum = pair.parent
    join pg_catalog.pg_operator op on op.oid = pair.operator
    join pg_catalog.pg_namespace opn on opn.oid = op.oprnamespace
  ) as columns
from pg_catalog.pg_constraint k
join pg_catalog.pg_class c on c.oid = k.conrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_class p on p.oid = k.confrelid
join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
where k.contype = 'f' and k.conparentid = 0 and k.convalidated
  and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
order by 1, 3
