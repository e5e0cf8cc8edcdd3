import {type Connection, DatabaseError, type Submittable} from 'pg'
import utils from 'pg/lib/utils.js'
import type {PostgresClient} from '../connect/postgres-client.js'

export interface QueryOptions {
  values?: readonly unknown[]
  /** The name of a prepared statement. It must always have the same text. */
  name?: string
  /** Joins all rows with commas as they arrive. */
  joined?: boolean
}

/** The result of a statement. */
export interface Answer {
  /** The first column of each row as text; with `joined`, one text for all rows, if there are any. */
  texts: string[]
  /** The number of rows that it returned or changed. */
  count: number
}

/**
 * Runs one statement with the extended protocol (https://www.postgresql.org/docs/current/protocol-flow.html). pg's own
 * query would ask for the columns each time and build an object for each row; here only the first column is read, as text.
 */
export async function runStatement(client: PostgresClient, text: string, options: QueryOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => whenSettled(client, error, () => reject(error))
    client.query(new Exchange(text, options, resolve, fail))
  })
}

/**
 * Waits until the server has sent the transaction state or closed the connection, because both come after the error and
 * the caller may look at them at once.
 */
function whenSettled({connection}: PostgresClient, error: Error, settled: () => void): void {
  if (!(error instanceof DatabaseError)) return settled()
  const done = (): void => {
    connection.off('readyForQuery', done).off('end', done)
    settled()
  }
  connection.on('readyForQuery', done).on('end', done)
}

/** pg's connection, whose types have outdated arguments. */
interface Wire {
  stream: Connection['stream']
  /** The texts of prepared statements by name. pg adds them when the server confirms. */
  parsedStatements: Readonly<Record<string, string>>
  parse(message: {name: string; text: string}): void
  bind(message: {statement: string; values: readonly unknown[]}): void
  execute(message: object): void
  sync(): void
  sendCopyFail(reason: string): void
}

/** One statement in progress; pg calls its handle methods, and reads its name and text. */
class Exchange implements Submittable {
  readonly name: string
  readonly #values: readonly unknown[]
  readonly #joined: boolean
  readonly #texts: string[] = []
  #count = 0

  constructor(
    readonly text: string,
    {values = [], name = '', joined = false}: QueryOptions,
    readonly done: (answer: Answer) => void,
    readonly handleError: (error: Error) => void,
  ) {
    this.name = name
    // Converted before anything is sent, because this can throw.
    this.#values = values.map((value) => utils.prepareValue(value))
    this.#joined = joined
  }

  submit(connection: Connection): void {
    const wire = connection as unknown as Wire
    wire.stream.cork()
    if (this.name === '' || wire.parsedStatements[this.name] === undefined) wire.parse(this)
    wire.bind({statement: this.name, values: this.#values})
    wire.execute({})
    wire.sync()
    wire.stream.uncork()
  }

  /** V8 joins the texts without copying; they are copied once when the result is read. */
  handleDataRow({fields: [field]}: {fields: (string | null)[]}): void {
    const text = field ?? ''
    const [before] = this.#texts
    if (this.#joined && before !== undefined) this.#texts[0] = `${before},${text}`
    else this.#texts.push(text)
  }

  /** The tag ends with the number of rows, if there is one: `INSERT 0 1`, `SELECT 5`, `BEGIN`. */
  handleCommandComplete({text}: {text: string}): void {
    this.#count = Number(/ (\d+)$/.exec(text)?.[1] ?? 0)
  }

  handleReadyForQuery(): void {
    this.done({texts: this.#texts, count: this.#count})
  }

  handleCopyInResponse(connection: Connection): void {
    const wire = connection as unknown as Wire
    wire.sendCopyFail('there is no data for this COPY')
    // The server has ignored the sync that was sent before.
    wire.sync()
  }

  handleEmptyQuery(): void {}
  handleCopyData(): void {}
}
