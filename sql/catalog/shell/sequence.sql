-- \d NAME of a sequence ($1 is its oid).
select
  format_type(seqtypid, null) as "Type",
  seqstart as "Start",
  seqmin as "Minimum",
  seqmax as "Maximum",
  seqincrement as "Increment",
  case when seqcycle then 'yes' else 'no' end as "Cycles?",
  seqcache as "Cache"
from pg_catalog.pg_sequence
where seqrelid = $1::oid
