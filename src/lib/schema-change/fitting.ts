import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {escapeIdentifier, escapeLiteral} from '../postgres/wire/escape.js'
import {type Column, type Facts, keyOf, sqlName, type Table} from './facts.js'
import {noRenames, type Renames} from './rows/lost-rows.js'
import {fillTables, type UnfilledTable} from './rows/fill.js'

/**
 * Fills the tables of the old schema with rows that also fit the new one, as far as that can be asked for: a change that is
 * tried on them must not fail because of rows that nobody has. What the change demands of the rows is said in its file.
 * @returns the tables that stayed empty
 */
export async function fillFitting(
  client: PostgresClient,
  from: Facts,
  to: Facts,
  renames: Renames,
): Promise<UnfilledTable[]> {
  const undo: string[] = []
  await emptyTables(client, from)
  for (const [demand, inverse] of demandsOnDomains(from, to)) if (await isAccepted(client, demand)) undo.push(inverse)
  for (const [table, demands] of demandsFor(from, to))
    for (const demand of demands) {
      const name = `cruddur_db_fit_${undo.length}`
      const on = sqlName(table)
      const isIndex = demand.startsWith('CREATE ')
      const sql = isIndex
        ? demand.replace(' INDEX ON ', ` INDEX ${name} ON `)
        : `alter table ${on} add constraint ${name} ${demand}`
      if (!(await isAccepted(client, sql))) continue
      undo.push(isIndex ? `drop index ${sqlName({...table, name})}` : `alter table ${on} drop constraint ${name}`)
    }
  const unfilled = await fillTables(client, {
    withoutNulls: columnsThatBecome(from, to, renames, ({notNull}) => notNull),
    descending: new Set([
      ...columnsThatBecome(from, from, noRenames, ({descending}) => descending),
      ...columnsThatBecome(from, to, renames, ({descending}) => descending),
    ]),
  })
  for (const sql of undo.reverse()) await client.query(sql)
  return unfilled
}

/** Migrations may have inserted rows. */
async function emptyTables(client: PostgresClient, {tables}: Facts): Promise<void> {
  const names = [...tables.values()].filter(({bound}) => bound === null).map(sqlName)
  if (names.length > 0) await client.query(`truncate ${names.join(', ')}`)
}

/** A condition may need what only the new schema has. */
async function isAccepted(client: PostgresClient, sql: string): Promise<boolean> {
  return client.query(sql).then(
    () => true,
    () => false,
  )
}

/** Columns, as {@link FillOptions} name them, that are so in the new schema. */
function columnsThatBecome(
  {tables}: Facts,
  to: Facts,
  renames: Renames,
  isSo: (column: Column) => boolean,
): Set<string> {
  return new Set(
    [...tables].flatMap(([key, {schema, name: table, columns}]) => {
      const wanted = to.tables.get(renames.tables.get(key) ?? key)?.columns.filter(isSo) ?? []
      const keys = columns.map(({name}) => [JSON.stringify([schema, table, name]), name] as const)
      return keys
        .filter(([column, name]) => wanted.some((other) => other.name === (renames.columns.get(column) ?? name)))
        .map(([column]) => column)
    }),
  )
}

/** What the new schema demands of the values of domains, and the old one does not, and how that is taken back. */
function demandsOnDomains(from: Facts, to: Facts): [demand: string, inverse: string][] {
  return [...from.domains].flatMap(([key, domain]): [string, string][] => {
    const wanted = to.domains.get(key)
    if (wanted === undefined) return []
    const alter = `alter domain ${sqlName(domain)}`
    const checks = wanted.checks.filter((check) => !domain.checks.includes(check))
    return [
      ...(wanted.notNull && !domain.notNull
        ? [[`${alter} set not null`, `${alter} drop not null`] as [string, string]]
        : []),
      ...checks.map((check, index): [string, string] => [
        `${alter} add constraint cruddur_db_fit_${index} ${check}`,
        `${alter} drop constraint cruddur_db_fit_${index}`,
      ]),
    ]
  })
}

/** What the new schema demands of the rows of each table, and the old one does not: constraints and unique indexes. */
function demandsFor(from: Facts, to: Facts): [Table, string[]][] {
  return [...from.tables].flatMap(([key, table]): [Table, string[]][] => {
    const wanted = to.tables.get(key)
    if (wanted === undefined) return []
    const have = new Set(from.parts.filter((part) => keyOf(part.table) === key).map(({definition}) => definition))
    const fresh = to.parts
      .filter((part) => keyOf(part.table) === key && !have.has(part.definition))
      .map(({definition}) => definition)
    const unique = fresh.filter((definition) => /^(?:UNIQUE|PRIMARY KEY|CREATE UNIQUE INDEX) /.test(definition))
    const checks = table.partitioned
      ? []
      : [
          ...fresh.filter(
            (definition) => /^(?:CHECK|FOREIGN KEY) /.test(definition) && !/ NOT VALID$/.test(definition),
          ),
          ...boundsOf(table, wanted, to),
          ...castsOf(table, wanted, from, to),
        ]
    return [
      [
        table,
        [
          ...unique.map((definition) => definition.replace(/^PRIMARY KEY/, 'UNIQUE')),
          ...checks.map((check) => `${check} not valid`),
        ],
      ],
    ]
  })
}

/** Rows of a table that becomes a partition, or that gets partitions. */
function boundsOf(table: Table, wanted: Table, {tables}: Facts): string[] {
  if (
    wanted.bound !== table.bound &&
    wanted.condition !== null &&
    !wanted.condition.includes('satisfies_hash_partition')
  )
    return [`check (${wanted.condition})`]
  if (!wanted.partitioned) return []
  const partitions = [...tables.values()].filter(({parents}) =>
    parents.some((parent) => keyOf(parent) === keyOf(wanted)),
  )
  const conditions = partitions.flatMap(({condition}) => condition ?? [])
  // Of a hash, the condition names the table by its oid in the other database.
  if (conditions.some((condition) => condition.includes('satisfies_hash_partition'))) return []
  return conditions.length === 0 ? [] : [`check (${conditions.map((condition) => `(${condition})`).join(' or ')})`]
}

/** A text of each type, for a column of texts that becomes one of this type. */
const examples: readonly (readonly [type: RegExp, example: string])[] = [
  [/^uuid$/, '00000000-0000-0000-0000-000000000001'],
  [/^(?:timestamp|date)/, '2026-01-01 00:00:00'],
  [/^time/, '12:00:00'],
  [/^interval/, '1 day'],
  [/^boolean$/, 'true'],
  [/^(?:inet|cidr)$/, '10.0.0.1'],
]

function castsOf(table: Table, wanted: Table, from: Facts, to: Facts): string[] {
  return table.columns.flatMap((column) => {
    const after = wanted.columns.find(({name}) => name === column.name)
    const name = escapeIdentifier(column.name)
    if (after === undefined || column.generated || after.generated) return []
    const labels = after.type === column.type ? keptLabels(column, from, to) : []
    if (labels !== undefined && labels.length > 0) {
      const list = labels.map(escapeLiteral).join(', ')
      return [
        column.type.endsWith('[]') ? `check (${name}::text[] <@ array[${list}])` : `check (${name}::text in (${list}))`,
      ]
    }
    if (after.type === column.type) return []
    const [, example = ''] = examples.find(([type]) => type.test(after.type)) ?? []
    return [
      `check (${name} is null or ${name}::text = ${escapeLiteral(example)} or ${name}::text::${after.type} is not null)`,
    ]
  })
}

/** The labels that an enum keeps, if it loses some. */
function keptLabels({type}: Column, from: Facts, to: Facts): string[] | undefined {
  const before = [...from.enums.values()].find(({sql}) => type === sql || type === `${sql}[]`)
  const after = before && to.enums.get(keyOf(before))
  if (before === undefined || after === undefined) return undefined
  return before.labels.every((label) => after.labels.includes(label))
    ? undefined
    : before.labels.filter((label) => after.labels.includes(label))
}
