import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {CruddurError} from '../../../src/lib/errors.js'
import {diffMigration, type DiffMigrationOptions} from '../../../src/lib/migrations/diff-migration.js'
import type {Renames} from '../../../src/lib/schema-change/rows/lost-rows.js'
import {scratchOn} from '../../migrations/support/plan.js'
import {prefixOfTests} from '../../support/run-folder.js'
import type {Pair, Way} from './pair.js'

/** A schema, and rows for it. */
export interface Side {
  sql: string
  data: string
}

/** A folder with the migrations of one direction. */
export interface Generated {
  folder: string
  /** The migration that makes the schema from which the others start. */
  first: string
  /** The others. */
  versions: readonly string[]
  /** What is not proved. */
  open: readonly string[]
  /** Tables and columns that were asked about, and dropped. */
  dropped: readonly string[]
  renames: Renames
}

export const first = '20260101000000'

/** The two sides of a pair, in the direction of a way. */
export function sidesOf(pair: Pair): {a: Side; b: Side} {
  const {common = '', data = ''} = pair
  const rows = typeof data === 'string' ? {a: data, b: data} : data
  const side = (sql: string, filled: string): Side => ({
    sql: [common, sql].filter((text) => text !== '').join(';\n'),
    data: filled,
  })
  return {a: side(pair.a, rows.a), b: side(pair.b, rows.b)}
}

/** Writes the migrations from one schema to another, as `migrate:new --diff` does, by trials on a server. */
export async function generate(from: Side, to: Side, way: Way, server: string): Promise<Generated> {
  const folder = await mkdtemp(join(tmpdir(), prefixOfTests))
  const migrations = join(folder, 'sql', 'migrations')
  await mkdir(migrations, {recursive: true})
  // An empty up is refused where a schema is empty.
  const text = from.sql === '' ? 'select 1' : from.sql
  await writeFile(join(migrations, `${first}_first.sql`), `-- migrate:up\n${text};\n\n-- migrate:down\n`)
  await writeFile(join(folder, 'sql', 'schema.sql'), `${to.sql};\n`)
  const {change, files, dropped} = await withDrops({
    ...{cwd: folder, name: 'change', now: new Date(), scratch: [scratchOn(server)]},
    choices: {rename: way.rename ?? [], keep: way.keep ?? [], drop: []},
    ...{rebuild: way.rebuild ?? [], plain: false, ask: undefined},
  })
  const open = (change?.open ?? []).map(({direction, message}) => `${direction}: ${message}`)
  const versions = files.map(({version}) => version)
  return {folder, first, versions, open, dropped, renames: renamesOf(way.rename ?? [])}
}

export const remove = ({folder}: Generated): Promise<void> => rm(folder, {recursive: true, force: true})

/** Drops whatever is asked about: first tables, then columns of those that are left. */
async function withDrops(options: DiffMigrationOptions, dropped: readonly string[] = []) {
  try {
    return {...(await diffMigration({...options, choices: {...options.choices, drop: dropped}})), dropped}
  } catch (error) {
    if (!(error instanceof CruddurError) || error.code !== 'choice_missing') throw error
    const names = (error.details['losses'] as {name: string}[]).map(({name}) => name)
    return withDrops(options, [...dropped, ...names])
  }
}

/** The renames of flags: of tables, and of columns of tables that may have another name afterwards. */
export function renamesOf(flags: readonly string[]): Renames {
  const [tables, columns] = [new Map<string, string>(), new Map<string, string>()]
  for (const flag of flags) {
    const [old = '', now = ''] = flag.split(':')
    const [was, is] = [pathOf(old), pathOf(now)]
    if (was.column === undefined) tables.set(JSON.stringify(was.table), JSON.stringify(is.table))
    else columns.set(JSON.stringify([...was.table, was.column]), is.column ?? '')
  }
  return {tables, columns}
}

const schemas = ['n', 's']

/** `users`, `n.users`, `users.name` or `n.users.name`: the schemas of pairs with renames are called n or s. */
function pathOf(name: string): {table: readonly [string, string]; column: string | undefined} {
  const parts = name.split('.')
  const [schema = ''] = schemas.includes(parts[0] ?? '') ? parts.splice(0, 1) : ['public']
  const [table = '', column] = parts
  return {table: [schema, table], column}
}
