import type {Connection, Submittable} from 'pg'
import type {PostgresClient} from '../connect/postgres-client.js'

/** A column that a statement would return. */
export interface DescribedColumn {
  name: string
  /** The oid of its type. */
  type: number
  /** As `atttypmod`: -1 for none. */
  modifier: number
}

/**
 * Asks for the columns of a statement, which is prepared and not run.
 * @throws the server's error
 */
export function describeStatement(client: PostgresClient, text: string): Promise<DescribedColumn[]> {
  const description = new Description(text)
  client.query(description)
  return description.answer
}

/** One Parse and Describe in progress; pg calls its handle methods. */
class Description implements Submittable {
  readonly answer: Promise<DescribedColumn[]>
  private columns: DescribedColumn[] = []
  private resolve!: (columns: DescribedColumn[]) => void
  private reject!: (error: unknown) => void

  constructor(private readonly text: string) {
    this.answer = new Promise((resolve, reject) => ([this.resolve, this.reject] = [resolve, reject]))
  }

  submit(connection: Connection): void {
    connection.parse({name: '', text: this.text, types: []}, true)
    connection.describe({type: 'S', name: ''}, true)
    connection.sync()
  }

  handleRowDescription({fields}: {fields: {name: string; dataTypeID: number; dataTypeModifier: number}[]}): void {
    this.columns = fields.map(({name, dataTypeID, dataTypeModifier}) => ({
      ...{name, type: dataTypeID, modifier: dataTypeModifier},
    }))
  }

  handleError(error: unknown): void {
    this.reject(error)
  }

  handleReadyForQuery(): void {
    this.resolve(this.columns)
  }

  handleDataRow(): void {}
  handleCommandComplete(): void {}
  handleEmptyQuery(): void {}
}
