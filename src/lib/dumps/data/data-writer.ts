import {SqlError} from '../../errors.js'
import {catalogQuery} from '../../postgres/catalog/catalog.js'
import {sqlFailure, sqlStateOf, endsSession} from '../../postgres/connect/failures.js'
import type {PostgresClient} from '../../postgres/connect/postgres-client.js'
import {copyOut, type CopyTaker} from '../../postgres/wire/copy-out.js'
import {escapeIdentifier, escapeLiteral} from '../../postgres/wire/escape.js'
import type {DumpedObject, DumpedTable} from './dump-tables.js'
import type {DumpOutput} from './output.js'

export interface DataWriterOptions {
  /** Whether the owners of objects are written. */
  owners: boolean
  /** Called with each part of the rows. */
  onBytes: (bytes: number) => void
}

/** So many sequences are read in one query. */
const sequencesAtOnce = 500
const largeObjectPart = 512 * 1024

interface LargeObject {
  oid: number
  owner: string
  comment: string | null
  grants: string[]
}

/** Writes rows, values of sequences and large objects, as pg_dump does. */
export class DataWriter {
  constructor(
    private readonly client: PostgresClient,
    private readonly output: DumpOutput,
    private readonly options: DataWriterOptions,
  ) {}

  /**
   * Writes the rows of tables. @returns their number
   * @throws SqlError with the table in its message and details
   */
  async rows(tables: readonly DumpedTable[], onTable: () => void): Promise<number> {
    let written = 0
    let done = 0
    const begin = async (): Promise<void> => {
      const table = tables[done]
      if (table === undefined) return
      const heading = this.heading('Data for Name', table, 'TABLE DATA')
      await this.output.write(`${heading}COPY ${table.into} ${list(table.columns)} FROM stdin;\n`)
    }
    const taker: CopyTaker = {
      take: (rows) => {
        this.options.onBytes(rows.length)
        return this.output.write(rows)
      },
      end: async (rows) => {
        await this.output.write('\\.\n\n\n')
        written += rows
        done++
        onTable()
        await begin()
      },
    }
    await begin()
    await copyOut(this.client, tables.map(copyOf), taker).catch((error: unknown) => {
      throw unreadable(error, tables[done])
    })
    return written
  }

  async sequences(sequences: readonly DumpedObject[]): Promise<void> {
    for (let index = 0; index < sequences.length; index += sequencesAtOnce) {
      const some = sequences.slice(index, index + sequencesAtOnce)
      const selects = some.map(
        ({name}, place) => `select ${place} as place, last_value::text as value, is_called as called from ${name}`,
      )
      const {rows} = await this.client.query<{place: number; value: string; called: boolean}>(
        `${selects.join(' union all ')} order by place`,
      )
      for (const {place, value, called} of rows) {
        const sequence = some[place]!
        const set = `SELECT pg_catalog.setval(${escapeLiteral(sequence.name)}, ${value}, ${called});`
        await this.output.write(`${this.heading('Name', sequence, 'SEQUENCE SET')}${set}\n\n\n`)
      }
    }
  }

  /** Writes functions that need no transaction, so that the file can be loaded with and without one. */
  async largeObjects(): Promise<void> {
    const {rows} = await this.client.query<LargeObject>(catalogQuery('dump-large-objects'))
    for (const {oid, owner, comment, grants} of rows) {
      const object = {schema: '-', table: String(oid), owner}
      const statements = [
        `SELECT pg_catalog.lo_create('${oid}');`,
        ...(comment === null ? [] : [`COMMENT ON LARGE OBJECT ${oid} IS ${escapeLiteral(comment)};`]),
        ...(this.options.owners ? [`ALTER LARGE OBJECT ${oid} OWNER TO ${escapeIdentifier(owner)};`, ...grants] : []),
      ]
      await this.output.write(`${this.heading('Data for Name', object, 'BLOB')}${statements.join('\n')}\n`)
      await this.contents(oid)
      await this.output.write('\n\n')
    }
  }

  private async contents(oid: number): Promise<void> {
    for (let offset = 0; ; offset += largeObjectPart) {
      const {rows} = await this.client.query<{part: Buffer}>('select pg_catalog.lo_get($1, $2, $3) as part', [
        oid,
        offset,
        largeObjectPart,
      ])
      const part = rows[0]?.part ?? Buffer.alloc(0)
      if (part.length === 0) return
      this.options.onBytes(part.length)
      await this.output.write(`SELECT pg_catalog.lo_put('${oid}', ${offset}, '\\x${part.toString('hex')}');\n`)
      if (part.length < largeObjectPart) return
    }
  }

  private heading(what: string, {schema, table, owner}: Omit<DumpedObject, 'name'>, type: string): string {
    const of = this.options.owners ? owner : '-'
    return `--\n-- ${what}: ${inLine(table)}; Type: ${type}; Schema: ${inLine(schema)}; Owner: ${inLine(of)}\n--\n\n`
  }
}

function copyOf({name, columns, condition}: DumpedTable): string {
  return `COPY ${condition === '' ? `${name} ${list(columns)}` : `(SELECT ${columns} FROM ${name} ${condition})`} TO STDOUT`
}

function list(columns: string): string {
  return columns === '' ? '' : `(${columns})`
}

/** A name with a line end would end the comment. */
function inLine(name: string): string {
  return name.replace(/[\r\n]/g, ' ')
}

/** The server does not name the table in all of its errors. */
function unreadable(error: unknown, of: DumpedTable | undefined): unknown {
  if (of === undefined || sqlStateOf(error) === undefined || endsSession(error)) return error
  const {name, schema, table} = of
  const failure = sqlFailure(error) as SqlError
  const details = {...failure.details, schema, table}
  const {code, next, cause} = failure
  return new SqlError(`The rows of ${name} cannot be read: ${failure.message}`, {code, next: [...next], details, cause})
}
