import {escapeIdentifier} from '../postgres/wire/escape.js'

/** Reserved words, which must be quoted as names (https://www.postgresql.org/docs/current/sql-keywords-appendix.html). */
const reserved: ReadonlySet<string> = new Set(
  `all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case cast char character
  check coalesce collate collation column concurrently constraint create cross current_catalog current_date current_role
  current_schema current_time current_timestamp current_user dec decimal default deferrable desc distinct do else end except exists
  extract false fetch float for foreign freeze from full grant greatest group having ilike in initially inner inout int integer
  intersect interval into is isnull join lateral leading least left like limit localtime localtimestamp national natural nchar none
  normalize not notnull null nullif numeric offset on only or order out outer overlaps overlay placing position precision primary
  real references returning right row select session_user setof similar smallint some substring symmetric system_user table
  tablesample then time timestamp to trailing treat trim true union unique user using values varchar variadic verbose when where
  window with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable`.split(
    /\s+/,
  ),
)

/** Keywords for completion. */
export const keywords: readonly string[] =
  `add alter analyze and as asc begin between by cascade case check coalesce column commit conflict constraint copy count create
  cross current_date current_timestamp database default delete desc distinct do drop else end except exists explain extension false
  foreign from full function grant group having if ilike in index inner insert intersect interval into is join key lateral left like
  limit materialized not nothing null nulls offset on or order over partition primary references refresh rename replace reset
  returning revoke right role rollback savepoint schema select sequence set show start table temporary then to transaction trigger
  true truncate type union unique update using vacuum values view where with`.split(/\s+/)

/** A name as SQL needs it, with quotes only where it must have them. */
export function quoteName(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) && !reserved.has(name) ? name : escapeIdentifier(name)
}
