import type {OperationContext} from '../access/context.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {escapeIdentifier} from '../postgres/wire/escape.js'
import {compressorFor} from '../sql-files/compression.js'
import {DataWriter} from './data/data-writer.js'
import {
  findTables,
  inOrderOfReferences,
  listSequences,
  listTables,
  type NamedTable,
  type Selection,
  type TableOrder,
} from './data/dump-tables.js'
import {type DumpOutput, FileOutput} from './data/output.js'
import {splitSections} from './data/sections.js'
import {withSmallYoungGeneration} from './data/young-generation.js'
import {withDumpSession} from './dump-session.js'
import {OutputFile} from './output-file.js'
import {PgDump} from './pg-dump/pg-dump.js'
import {portableSchema} from './schema-text.js'

export interface DumpOptions {
  cwd: string
  /** The file to write, relative to `cwd`, or where else the text goes. */
  to: string | DumpOutput
  /** Whether an existing file is replaced. */
  force?: boolean
  /** Whether the owners of objects and the privileges on them are written. */
  owners?: boolean
  /** Whether only rows, values of sequences and large objects are written. */
  dataOnly?: boolean
  /** The tables to dump, as written in SQL; all if there are none. */
  tables?: readonly string[]
  /** The tables whose rows are left out. */
  withoutRows?: readonly string[]
  onProgress?: (progress: DumpProgress) => void
}

export interface DumpProgress {
  /** The number of tables that are finished. */
  tables: number
  /** The number of all tables with rows to write. */
  ofTables: number
  /** The bytes of rows so far, uncompressed. */
  bytes: number
}

export interface DumpResult {
  database: string
  /** The file that was written; null for stdout. */
  file: string | null
  /** The tables whose rows were written. */
  tables: number
  rows: number
  /** The size of the file. */
  bytes: number
}

/** The file has all rows, so only its user may read it. */
const ownerOnly = 0o600

/**
 * Writes the schema and the rows of a database as SQL, all as they are at one moment: pg_dump reads the schema in a
 * repeatable-read transaction and locks the tables against changes, and the rows are read in the same transaction. The
 * database is not changed.
 * @throws ConfigurationError (`file_exists`, `file_unwritable`, `table_unknown`, `zstd_unsupported`), ConnectionError,
 * SqlError, StateError, InterruptedError
 */
export async function dump(options: DumpOptions, context: OperationContext): Promise<DumpResult> {
  const {to, cwd, force} = options
  const {database} = context.target.url
  if (typeof to !== 'string') return {database, file: null, ...(await writeTo(to, options, context))}
  // Refused before a file is made.
  compressorFor(to)?.destroy()
  return OutputFile.write(to, {cwd, force, mode: ownerOnly}, async (handle) => {
    return {database, file: to, ...(await writeTo(new FileOutput(handle, to), options, context))}
  })
}

type Written = Pick<DumpResult, 'tables' | 'rows' | 'bytes'>

async function writeTo(output: DumpOutput, options: DumpOptions, context: OperationContext): Promise<Written> {
  return withDumpSession(context, async (client) => {
    const chosen = await findTables(client, options.tables ?? [])
    const withoutRows = await findTables(client, options.withoutRows ?? [])
    const args = pgDumpArguments(options, chosen, withoutRows)
    const {before, after} = splitSections(
      portableSchema(await PgDump.load((pgDump) => pgDump.run(client, context.target.url, args))),
    )
    const oids = (tables: NamedTable[]): number[] => tables.map(({oid}) => oid)
    const selection = {chosen: chosen.length === 0 ? null : oids(chosen), withoutRows: oids(withoutRows)}
    await output.write(before)
    const written = await withSmallYoungGeneration(() => writeData(client, output, selection, options, context))
    await output.write(after)
    return {...written, bytes: await output.end()}
  })
}

/** Both sections around the rows. With --data-only, pg_dump writes settings and locks the tables. */
function pgDumpArguments(
  {owners = false, dataOnly = false}: DumpOptions,
  chosen: readonly NamedTable[],
  withoutRows: readonly NamedTable[],
): string[] {
  const pattern = ({schema, table}: NamedTable): string => `${escapeIdentifier(schema)}.${escapeIdentifier(table)}`
  return [
    ...(dataOnly ? ['--data-only', '--section=post-data'] : ['--section=pre-data', '--section=post-data']),
    ...(owners ? [] : ['--no-owner', '--no-privileges']),
    ...chosen.map((table) => `--table-and-children=${pattern(table)}`),
    ...withoutRows.map((table) => `--exclude-table-data-and-children=${pattern(table)}`),
  ]
}

async function writeData(
  client: PostgresClient,
  output: DumpOutput,
  selection: Selection,
  {owners = false, dataOnly = false, onProgress}: DumpOptions,
  {warn}: OperationContext,
): Promise<Omit<Written, 'bytes'>> {
  const found = await listTables(client, selection)
  const {tables, circular}: TableOrder = dataOnly
    ? await inOrderOfReferences(client, found)
    : {tables: found, circular: []}
  if (circular.length > 0) warn(circularWarning(circular))
  const progress = {tables: 0, ofTables: tables.length, bytes: 0}
  const onBytes = (bytes: number): void => {
    progress.bytes += bytes
    onProgress?.(progress)
  }
  const writer = new DataWriter(client, output, {owners, onBytes})
  const rows = await writer.rows(tables, () => progress.tables++)
  await writer.sequences(await listSequences(client, selection))
  if (selection.chosen === null) await writer.largeObjects()
  return {tables: tables.length, rows}
}

function circularWarning(circular: readonly {name: string}[]): string {
  const names = circular.map(({name}) => name).join(', ')
  return `Foreign keys of these tables have no order in which the rows can be loaded: ${names}. Drop the keys before you load the file, or dump the schema too.`
}
