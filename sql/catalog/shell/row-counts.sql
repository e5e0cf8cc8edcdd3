-- About how many rows each of the tables $1 has, with its partitions.
select name, (
    select sum(greatest(c.reltuples, pg_stat_get_live_tuples(c.oid), 0))::bigint
    from pg_partition_tree(to_regclass(name)) as tree join pg_catalog.pg_class c on c.oid = tree.relid
    where tree.isleaf
  )::text as rows
from unnest($1::text[]) as name
