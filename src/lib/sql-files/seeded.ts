import {catalogQuery} from '../postgres/catalog/catalog.js'
import {together} from '../postgres/connect/client.js'
import {endsSession, sqlStateOf} from '../postgres/connect/failures.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {escapeIdentifier} from '../postgres/wire/escape.js'
import {hasOpenTransaction} from '../postgres/wire/script-wire.js'

/** A table and its number of rows. */
export interface TableRows {
  schema: string
  table: string
  rows: number
  /** The database, if it is not that of the target. */
  database?: string
}

interface ChangedTable {
  oid: string
  schema: string
  table: string
  /** Whether row-level security may hide rows from the role. */
  hidden: boolean
  /** Whether it may have its own sequences, or those of its parents. */
  hasSequences: boolean
}

interface OwnedSequence {
  oid: string
  sequence_schema: string
  sequence: string
  table_schema: string
  table: string
  column: string
  hidden: boolean
  sequenceEnd: string
  typeEnd: string
}

type SequenceRow = Record<string, string | boolean>

/** A task after a seed: a statement, a handler for its row, and the warning if it fails. */
interface Chore {
  statement: string
  done: (row: SequenceRow | undefined) => void
  undone: string
}

const qualifiedName = (...names: string[]): string => names.map(escapeIdentifier).join('.')
const [around, within] = ['cruddur_db_seeded', 'cruddur_db_chores']

/** Waits for the statistics. Before Postgres 15 a session reports them late, and another process answers with old ones. */
const sleepWhereCollected = (seconds: number): string =>
  `select pg_catalog.pg_sleep(${seconds}) where pg_catalog.current_setting('server_version_num')::pg_catalog.int4 < 150000`

/** The number of changed rows of each table, read before the first COMMIT in the files. */
export async function readTableChanges(client: PostgresClient): Promise<string> {
  await client.query(sleepWhereCollected(1))
  const {
    rows: [row],
  } = await client.query<{changes: string}>(catalogQuery('table-changes'))
  return row?.changes ?? '{}'
}

/**
 * Moves the sequences of changed tables past the highest value of their columns, so that the next row gets a free number,
 * and counts the rows of these tables. A sequence never moves back.
 *
 * A failure is only a warning, because the seed itself has succeeded. Only a connection that is lost in an open transaction
 * is an error. `before` is the result of {@link readTableChanges}, if the files have their own COMMIT.
 */
export async function tidySeeded(
  client: PostgresClient,
  before: string | undefined,
  warn: (text: string) => void,
): Promise<TableRows[]> {
  const open = hasOpenTransaction(client)
  try {
    const chores = new Chores(client, warn)
    await chores.find(before)
    await chores.run()
    if (!open) await client.query('commit')
    return chores.counted
  } catch (error) {
    if (open && endsSession(error)) throw error
    await client.query(open ? `rollback to savepoint ${around}` : 'rollback').catch(() => undefined)
    warn(`Sequences were not moved, and rows were not counted: ${reasonOf(error)}`)
    return []
  }
}

class Chores {
  readonly counted: TableRows[] = []
  private readonly chores: Chore[] = []

  constructor(
    private readonly client: PostgresClient,
    private readonly warn: (text: string) => void,
  ) {}

  /** Finds the tasks, as the role that has logged in, because a file may have changed the role. */
  async find(before: string | undefined): Promise<void> {
    const {client} = this
    // After the first wait the session reports its counts; after the second they can be read.
    if (before !== undefined) for (const seconds of [0.6, 1]) await client.query(sleepWhereCollected(seconds))
    const begin = hasOpenTransaction(client) ? `savepoint ${around}` : 'begin'
    const [, {rows: tables}] = await together(client, () => [
      client.query(`${begin}; set session authorization default; reset role`),
      client.query<ChangedTable>(catalogQuery('changed-tables'), [before ?? null]),
    ])
    const owners = tables.filter(({hasSequences}) => hasSequences).map(({oid}) => oid)
    const sequences =
      owners.length === 0 ? [] : (await client.query<OwnedSequence>(catalogQuery('owned-sequences'), [owners])).rows
    for (const sequence of sequences) this.addAdvance(sequence)
    for (const table of tables) this.addCount(table)
  }

  /** Runs all tasks in one message, or one by one if that fails. */
  async run(): Promise<void> {
    if (this.chores.length === 0) return
    try {
      await this.attempt(this.chores)
    } catch (error) {
      if (endsSession(error)) throw error
      await this.client.query(`rollback to savepoint ${within}`)
      for (const chore of this.chores) await this.runAlone(chore)
    }
  }

  private async runAlone(chore: Chore): Promise<void> {
    try {
      await this.attempt([chore])
    } catch (error) {
      if (endsSession(error)) throw error
      await this.client.query(`rollback to savepoint ${within}`)
      this.warn(`${chore.undone}: ${reasonOf(error)}`)
    }
  }

  private async attempt(chores: Chore[]): Promise<void> {
    const statements = [`savepoint ${within}`, ...chores.map(({statement}) => statement), `release savepoint ${within}`]
    const results = (await this.client.query(statements.join(';\n'))) as unknown as {rows: SequenceRow[]}[]
    for (const [index, {done}] of chores.entries()) done(results[index + 1]?.rows[0])
  }

  /** Adds a task for a sequence. A value at the very end of the sequence or the column's type is ignored as a special value. */
  private addAdvance(owned: OwnedSequence): void {
    const name = qualifiedName(owned.sequence_schema, owned.sequence)
    const table = qualifiedName(owned.table_schema, owned.table)
    const column = escapeIdentifier(owned.column)
    const undone = `The sequence ${owned.sequence_schema}.${owned.sequence} was not moved`
    const known = `${owned.table_schema}.${owned.table}`
    if (owned.hidden) return this.warn(`${undone}: row-level security may hide rows of ${known} from this role.`)
    const {sequenceEnd, typeEnd} = owned
    const end = BigInt(sequenceEnd) < BigInt(typeEnd) ? sequenceEnd : typeEnd
    this.chores.push({
      undone,
      statement: `select highest.value > ${end} as beyond,
        case when highest.value < ${end} then pg_catalog.setval(${owned.oid}::pg_catalog.oid::pg_catalog.regclass, highest.value) end
        from ${name} as state, (select pg_catalog.max(${column}) as value from ${table}) as highest
        where (highest.value > state.last_value or (highest.value = state.last_value and not state.is_called))
        and highest.value not in (${end}, ${typeEnd})`,
      done: (row) => {
        if (row?.['beyond'] === true)
          this.warn(`${undone}: ${known}.${owned.column} has values above the maximum of the sequence, ${sequenceEnd}.`)
      },
    })
  }

  private addCount({schema, table, hidden}: ChangedTable): void {
    const undone = `The rows of ${schema}.${table} were not counted`
    if (hidden) return this.warn(`${undone}: row-level security may hide rows from this role.`)
    this.chores.push({
      undone,
      statement: `select pg_catalog.count(*) as rows from ${qualifiedName(schema, table)}`,
      done: (row) => this.counted.push({schema, table, rows: Number(row?.['rows'])}),
    })
  }
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : 'unknown reason'
  const state = sqlStateOf(error)
  return state === undefined ? `${text}.` : `${text} (SQLSTATE ${state}).`
}
