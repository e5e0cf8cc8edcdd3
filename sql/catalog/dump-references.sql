-- The foreign keys between tables that hold rows: those of $1, and for a partitioned table, its partitions.
select distinct constraints.conrelid as "from", coalesce(tree.relid::pg_catalog.oid, constraints.confrelid) as "to"
from pg_catalog.pg_constraint constraints
left join lateral pg_catalog.pg_partition_tree(constraints.confrelid) tree on tree.isleaf
where constraints.contype = 'f'
  and constraints.conrelid = any ($1::pg_catalog.oid[])
  and constraints.conrelid <> constraints.confrelid
