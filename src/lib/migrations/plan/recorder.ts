import type {PostgresClient} from '../../postgres/connect/postgres-client.js'
import {type Before, factsOf, type StatementFacts} from './changes.js'
import {look, readScans, type RelationState} from './relations.js'

type RecordedStatement = Pick<StatementFacts, 'file' | 'line' | 'text' | 'tags' | 'alone'>

/** Statements without a lock on the tables that they change, and those after which earlier changes are gone. */
const concernsAll: readonly string[] = ['ALTER SCHEMA', 'ROLLBACK']

/** Reads after each statement what it did to the tables of the copy. */
export class Recorder {
  /** The statements of each transaction. */
  transactions: StatementFacts[][] = []
  /** The tables before the first migration. */
  readonly initial: ReadonlyMap<number, RelationState>
  private modes: Before['modes'] = new Map()
  private scans = new Map<number, number>()

  private constructor(
    private readonly client: PostgresClient,
    /** The tables as they are now. */
    readonly relations: Map<number, RelationState>,
  ) {
    this.initial = new Map(relations)
  }

  static async start(client: PostgresClient): Promise<Recorder> {
    return new Recorder(client, (await look(client, {all: true})).relations)
  }

  /** Must be called at the beginning of each transaction. */
  async begin(): Promise<void> {
    this.transactions.push([])
    this.modes = new Map()
    this.scans = await readScans(this.client)
  }

  /** Must be called after each statement that has succeeded, before its transaction ends. */
  async record(statement: RecordedStatement): Promise<void> {
    const all = statement.alone || statement.tags.some((tag) => concernsAll.includes(tag))
    const after = await look(this.client, {all})
    const {relations, modes, scans} = this
    if (all) for (const oid of relations.keys()) if (!after.relations.has(oid)) after.gone.push(oid)
    this.transactions.at(-1)?.push(factsOf(statement, {relations, modes, scans}, after))
    this.modes = after.modes
    for (const oid of after.gone) relations.delete(oid)
    for (const [oid, relation] of after.relations) {
      relations.set(oid, relation)
      this.scans.set(oid, relation.scans)
    }
  }

  /** Must be called after a rollback. */
  async refresh(): Promise<void> {
    const {relations} = await look(this.client, {all: true})
    this.relations.clear()
    for (const [oid, relation] of relations) this.relations.set(oid, relation)
  }
}
