import {type Connection, DatabaseError, type Submittable} from 'pg'
import utils from 'pg/lib/utils.js'
import type {PostgresClient} from '../connect/postgres-client.js'

/** How a statement is sent. */
export interface QueryOptions {
  values?: readonly unknown[]
  /** Goes with one text alone: the server keeps it prepared for as long as the connection lasts. */
  name?: string
  /** Rows are put together as they come, with commas between. */
  joined?: boolean
}

/** What a statement came to. */
export interface Answer {
  /** The first column of each row, as text; of all rows as one text where they are `joined`, of none there is none. */
  texts: string[]
  /** Rows that it returned or changed. */
  count: number
}

/**
 * Runs one statement by the extended protocol
 * (https://www.postgresql.org/docs/current/protocol-flow.html). pg's own query would ask what the columns are, each time,
 * and make an array of each row; here the first column is taken as the text that it is.
 */
export async function runStatement(client: PostgresClient, text: string, options: QueryOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => whenSettled(client, error, () => reject(error))
    client.query(new Exchange(text, options, resolve, fail))
  })
}

/**
 * The server sends an error before the state of the transaction that it leaves (ReadyForQuery), or before it closes the
 * connection: whoever is told of the error may ask for either at once.
 */
function whenSettled({connection}: PostgresClient, error: Error, settled: () => void): void {
  if (!(error instanceof DatabaseError)) return settled()
  const done = (): void => {
    connection.off('readyForQuery', done).off('end', done)
    settled()
  }
  connection.on('readyForQuery', done).on('end', done)
}

/** pg's connection; its types want arguments that pg no longer takes. */
interface Wire {
  stream: Connection['stream']
  /** The texts of the statements that the server keeps, by name; pg notes them as the server confirms. */
  parsedStatements: Readonly<Record<string, string>>
  parse(message: {name: string; text: string}): void
  bind(message: {statement: string; values: readonly unknown[]}): void
  execute(message: object): void
  sync(): void
  sendCopyFail(reason: string): void
}

/** One statement under way; pg calls its handle methods, and reads its name and text. */
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
    // Before anything is sent: a value may be one that cannot be written.
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

  /** Joined texts become a rope, as those of JSON.stringify do: they are copied once, by whoever sends or reads them. */
  handleDataRow({fields: [field]}: {fields: (string | null)[]}): void {
    const text = field ?? ''
    const [before] = this.#texts
    if (this.#joined && before !== undefined) this.#texts[0] = `${before},${text}`
    else this.#texts.push(text)
  }

  /** The tag ends in the number of rows, where there may be any: `INSERT 0 1`, `SELECT 5`, `BEGIN`. */
  handleCommandComplete({text}: {text: string}): void {
    this.#count = Number(/ (\d+)$/.exec(text)?.[1] ?? 0)
  }

  handleReadyForQuery(): void {
    this.done({texts: this.#texts, count: this.#count})
  }

  handleCopyInResponse(connection: Connection): void {
    const wire = connection as unknown as Wire
    wire.sendCopyFail('there is no data to copy from')
    // The server has passed over the one that was sent before.
    wire.sync()
  }

  handleEmptyQuery(): void {}
  handleCopyData(): void {}
}
