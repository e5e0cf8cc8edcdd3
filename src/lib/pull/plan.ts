import {type DumpedTable, findTables, listTables} from '../dumps/data/dump-tables.js'
import {ConfigurationError} from '../errors.js'
import {catalogQuery} from '../postgres/catalog/catalog.js'
import {errorPosition} from '../postgres/connect/failures.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {escapeIdentifier} from '../postgres/wire/escape.js'
import {type AnswerSink, sendStatements, StatementsError} from '../postgres/wire/script-wire.js'
import {shownName} from '../schema-change/questions.js'
import {hidden} from './hidden.js'
import type {Mask} from './masks.js'

export interface PullColumn {
  name: string
  /** Quoted for SQL. */
  sql: string
  /** As format_type writes it, with its length. */
  type: string
  /** Without its length; of a domain, what is under it. */
  base: string
  /** Of varchar(n) and char(n). */
  length: number | null
  /** As `typcategory` of pg_type: `S` is text. */
  category: string
  notNull: boolean
  /** Whether it is part of the primary key. */
  key: boolean
  /** Whether it is part of a foreign key. */
  refers: boolean
  generated: boolean
  /** Whether it has a default or an identity. */
  made: boolean
}

/** A table or view of the source. */
export interface PullTable {
  oid: number
  schema: string
  name: string
  /** With the schema, quoted for SQL. */
  sql: string
  kind: 'r' | 'p' | 'v' | 'm' | 'f'
  partition: boolean
  /** The partitioned tables above it. */
  ancestors: number[]
  columns: PullColumn[]
}

/** Rows to pull: what runs on the source, and where they go. */
export interface PullJob {
  /** The table, as people name it. */
  table: string
  /** Its name with the schema, quoted for SQL. */
  sql: string
  /** The file with the SELECT; null for all rows as they are. */
  file: string | null
  /** A COPY … TO STDOUT. */
  from: string
  /** A COPY … FROM STDIN. */
  to: string
}

export interface PullPlan {
  jobs: PullJob[]
  /** Tables that stay empty, as people name them. */
  empty: string[]
}

export interface PullSelection {
  masks: readonly Mask[]
  /** Whether tables without a SELECT come as they are. */
  all: boolean
  /** Those that come as they are, as written in SQL. */
  tables: readonly string[]
}

export async function readPullTables(client: PostgresClient): Promise<PullTable[]> {
  return (await client.query<PullTable>(catalogQuery('pull-tables'))).rows
}

/**
 * Decides which rows are pulled, and checks the SELECTs on the source, without rows: each column of the table must be given
 * unless it has a default, so that a column that is added later is not forgotten.
 * @throws ConfigurationError (`pull_file_invalid`, `pull_columns`, `table_unknown`), SqlError
 */
export async function planPull(client: PostgresClient, {masks, all, tables}: PullSelection): Promise<PullPlan> {
  const known = await readPullTables(client)
  const masked = maskedTables(masks, known)
  const byOid = new Map([...masked.keys()].map((table) => [table.oid, table]))
  const isCovered = ({oid, ancestors}: Pick<PullTable, 'oid' | 'ancestors'>): boolean =>
    [oid, ...ancestors].some((each) => byOid.has(each))
  for (const [table, mask] of masked)
    if (table.ancestors.some((oid) => byOid.has(oid)))
      throw invalid(mask, `it is a partition of a table that has a file, too`)
  const named = await findTables(client, tables)
  // Which migrations are applied is part of the schema.
  const records = known.filter(({name}) => name === 'schema_migrations')
  const chosen = [...named, ...records].map(({oid}) => oid)
  const wholes =
    all || chosen.length > 0 ? await listTables(client, {chosen: all ? null : chosen, withoutRows: []}) : []
  const jobs: PullJob[] = []
  jobs.push(...(await maskedJobs(client, masked)))
  const open = new Map(
    known.filter((table) => table.kind === 'r' && !isCovered(table)).map((table) => [table.oid, table]),
  )
  for (const whole of wholes) {
    if (byOid.has(whole.oid) || (known.some(({oid}) => oid === whole.oid) && !open.has(whole.oid))) continue
    open.delete(whole.oid)
    jobs.push(wholeJob(whole))
  }
  return {jobs, empty: [...open.values()].map(shownName)}
}

/** A table has one file at most, so that none is overlooked beside another. */
function maskedTables(masks: readonly Mask[], known: readonly PullTable[]): Map<PullTable, Mask> {
  const masked = new Map<PullTable, Mask>()
  for (const mask of masks) {
    const table = maskedTable(mask, known)
    const other = masked.get(table)
    if (other !== undefined) throw invalid(mask, `${other.file} is for the same table`)
    masked.set(table, mask)
  }
  return masked
}

function maskedTable(mask: Mask, known: readonly PullTable[]): PullTable {
  const [found, ...more] = known.filter((table) =>
    [shownName(table), `${table.schema}.${table.name}`].includes(mask.name),
  )
  if (more.length > 0) throw invalid(mask, `more than one table of the source is called ${mask.name}`)
  if (found === undefined) throw invalid(mask, `the source has no table ${mask.name}`)
  if (found.kind !== 'r' && found.kind !== 'p')
    throw invalid(mask, `${mask.name} is not a table, so it has no rows of its own`)
  return found
}

function invalid({file}: Mask, reason: string): ConfigurationError {
  return new ConfigurationError(`${file}: ${reason}. Nothing was pulled.`, {code: 'pull_file_invalid', details: {file}})
}

async function maskedJobs(client: PostgresClient, masked: ReadonlyMap<PullTable, Mask>): Promise<PullJob[]> {
  const masks = [...masked.values()]
  const given = await columnsOf(client, masks, ({select}) => `select * from (\n${select}\n) as pulled`, [
    'If it uses a variable, set it: --set name=value',
  ])
  const selects = new Map<Mask, string>()
  const jobs = [...masked].map(([table, mask], index) => {
    const columns = givenColumns(table, mask, given[index] ?? [])
    // The SELECT's own end of a comment must not take the bracket.
    const values = columns.map(({name, type}) => `pulled.${escapeIdentifier(name)}::${type}`).join(', ')
    const select = `select ${values} from (\n${mask.select}\n) as pulled`
    selects.set(mask, select)
    const to = `COPY ${table.sql} (${columns.map(({sql}) => sql).join(', ')}) FROM STDIN`
    return {table: shownName(table), sql: table.sql, file: mask.file, from: `COPY (${select}) TO STDOUT`, to}
  })
  await columnsOf(client, masks, (mask) => selects.get(mask)!)
  return jobs
}

function givenColumns(table: PullTable, mask: Mask, given: readonly string[]): PullColumn[] {
  const columns = given.map((name) => {
    const column = table.columns.find((each) => each.name === name)
    if (column === undefined) throw wrongColumns(mask, `the table has no column ${name}`)
    if (column.generated) throw wrongColumns(mask, `${name} is generated, so it cannot be given`)
    return column
  })
  const twice = given.find((name, index) => given.indexOf(name) !== index)
  if (twice !== undefined) throw wrongColumns(mask, `it gives ${twice} twice`)
  const missing = table.columns.filter(({name, made, generated}) => !made && !generated && !given.includes(name))
  if (missing.length > 0)
    throw wrongColumns(mask, `it does not give ${missing.map(({name}) => name).join(', ')}, which has no default`)
  return columns
}

/** The names of what the SELECTs give, all asked for in one message, and without rows. */
async function columnsOf(
  client: PostgresClient,
  masks: readonly Mask[],
  select: (mask: Mask) => string,
  next: string[] = [],
): Promise<string[][]> {
  if (masks.length === 0) return []
  const columns: string[][] = []
  const ignored = (): void => undefined
  const sink: AnswerSink = {
    fields: (fields) => columns.push(fields.map(({name}) => name)),
    ...{row: ignored, copyBegins: ignored, copyData: ignored, tag: ignored},
  }
  const statements = masks.map((mask) => `${select(mask)} limit 0`)
  await sendStatements(client, Buffer.from(statements.join(';\n')), sink).catch((error: unknown) => {
    const mask = masks[failingStatement(error, statements)]
    throw hidden(error, mask === undefined ? 'The SELECTs fail' : `${mask.file} fails`, next)
  })
  return columns
}

/** Where a statement cannot be parsed, none of the message is run, and only the place says which it is. */
function failingStatement(error: unknown, statements: readonly string[]): number {
  if (!(error instanceof StatementsError)) return -1
  const position = errorPosition(error.error)
  if (position === undefined) return error.completed
  let end = 0
  return statements.findIndex((statement) => (end += [...statement].length + 2) >= position)
}

function wrongColumns({file}: Mask, reason: string): ConfigurationError {
  return new ConfigurationError(`${file}: ${reason}. Nothing was pulled.`, {code: 'pull_columns', details: {file}})
}

function wholeJob({schema, table, name, into, columns, condition}: DumpedTable): PullJob {
  const list = columns === '' ? '' : ` (${columns})`
  const from = condition === '' ? `${name}${list}` : `(SELECT ${columns} FROM ${name} ${condition})`
  return {
    table: shownName({schema, name: table}),
    ...{sql: name, file: null},
    from: `COPY ${from} TO STDOUT`,
    to: `COPY ${into}${list} FROM STDIN`,
  }
}
