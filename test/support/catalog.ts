import type {Client} from 'pg'

const user = `n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`

/** The objects of users in a database, one line of text each, in an order that does not depend on their creation. */
const objects = `
select 'schema ' || n.nspname from pg_namespace n where ${user}
union all select 'type ' || format_type(t.oid, null) || ' ' || t.typtype::text || coalesce((select ' ' || string_agg(quote_literal(enumlabel), ' ' order by enumsortorder) from pg_enum where enumtypid = t.oid), '')
  from pg_type t join pg_namespace n on n.oid = t.typnamespace where ${user} and t.typtype in ('e', 'd')
union all select 'relation ' || c.oid::regclass || ' ' || c.relkind::text || coalesce(' of ' || pg_get_partkeydef(c.oid), '') || coalesce(' ' || pg_get_expr(c.relpartbound, c.oid), '')
  from pg_class c join pg_namespace n on n.oid = c.relnamespace where ${user} and c.relkind in ('r', 'p', 'v', 'm', 'S')
union all select 'column ' || c.oid::regclass || ' ' || quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod) || case when a.attnotnull then ' not null' else '' end || ' ' || a.attidentity::text || a.attgenerated::text || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
  from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where ${user} and c.relkind in ('r', 'p', 'v', 'm') and a.attnum > 0 and not a.attisdropped
union all select 'constraint ' || coalesce(nullif(k.conrelid, 0)::regclass::text, k.contypid::regtype::text) || ' ' || k.conname || ' ' || pg_get_constraintdef(k.oid) from pg_constraint k join pg_namespace n on n.oid = k.connamespace where ${user}
union all select 'index ' || pg_get_indexdef(i.indexrelid) from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace where ${user}
union all select 'view ' || c.oid::regclass || ' ' || pg_get_viewdef(c.oid) from pg_class c join pg_namespace n on n.oid = c.relnamespace where ${user} and c.relkind in ('v', 'm')
union all select 'rule ' || pg_get_ruledef(r.oid) from pg_rewrite r join pg_class c on c.oid = r.ev_class join pg_namespace n on n.oid = c.relnamespace where ${user} and r.rulename <> '_RETURN'
union all select 'trigger ' || pg_get_triggerdef(t.oid) from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace where ${user} and not t.tgisinternal
union all select 'routine ' || pg_get_functiondef(p.oid) from pg_proc p join pg_namespace n on n.oid = p.pronamespace where ${user}
union all select 'comment ' || d.classoid::regclass || ' ' || c.oid::regclass || ' ' || d.description from pg_description d join pg_class c on c.oid = d.objoid and d.classoid = 'pg_class'::regclass join pg_namespace n on n.oid = c.relnamespace where ${user}`

/**
 * Describes a database for comparison with another: its objects, every row of its tables (long values by their digest)
 * and the state of its sequences. Used in place of pg_dump, which may not be installed.
 */
export async function describeDatabase(client: Client): Promise<string> {
  await client.query("reset all; set search_path = ''; set extra_float_digits = 0; set timezone = 'UTC'")
  const {rows} = await client.query<{line: string}>(
    `select line from (${objects}) as made(line) order by line collate "C"`,
  )
  const lines = rows.map(({line}) => line)
  const relations = await client.query<{name: string; kind: string}>(
    `select c.oid::regclass::text as name, c.relkind as kind from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where ${user} and c.relkind in ('r', 'm', 'S') order by 1`,
  )
  for (const {name, kind} of relations.rows)
    lines.push(...(kind === 'S' ? await describeSequence(client, name) : await describeRows(client, name)))
  return `${lines.join('\n')}\n`
}

async function describeSequence(client: Client, name: string): Promise<string[]> {
  const {rows} = await client.query<{state: string}>(`select last_value || ' ' || is_called as state from ${name}`)
  return rows.map(({state}) => `state ${name} ${state}`)
}

async function describeRows(client: Client, name: string): Promise<string[]> {
  const {rows} = await client.query<{row: string}>(
    `select case when length(text) > 1000 then 'md5 ' || md5(text) else text end as row
     from (select t::text as text from ${name} t) as rows order by text collate "C"`,
  )
  if (rows.length <= 100) return rows.map(({row}) => `row ${name} ${row}`)
  const {
    rows: [all],
  } = await client.query<{digest: string}>(
    `select md5(string_agg(t::text, ',' order by t::text collate "C")) as digest from ${name} t`,
  )
  return [`rows ${name} ${rows.length} ${all?.digest}`]
}
