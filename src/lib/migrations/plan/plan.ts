import type {OperationContext} from '../../access/context.js'
import {onBestServer} from '../../dumps/best-server.js'
import type {ScratchServer} from '../../dumps/file-schema.js'
import {readSchema, type SchemaOptions} from '../../dumps/schema-dump.js'
import {withClient} from '../../postgres/connect/client.js'
import {withCopy} from './copy.js'
import {findingsOf, type PossibleFinding} from './findings.js'
import {type Measured, measureMigrations, type Pending} from './measure.js'
import {plannedMigrations} from './planned.js'
import {marker} from './rules/rule.js'
import {Tables} from './tables.js'
import {areFilled, readTarget, type TargetFacts} from './target.js'
import type {MigrationPlan, PlanFinding, Unmeasured} from './types.js'

export type * from './types.js'

export interface PlanOptions extends Pick<SchemaOptions, 'env'> {
  /** The base of paths in the files. */
  cwd: string
  /** In the order in which they are applied. */
  pending: readonly Pending[]
  /** Servers on which the copy may be made. The first that has all that the schema needs is used. */
  scratch: readonly ScratchServer[]
  /** Whether the tables may be large, although here they are not. */
  unknownSizes?: boolean
}

/**
 * Measures what migrations would do to the target: copies its schema without rows into a database that is dropped again,
 * runs every statement there, and joins what that locks, scans and rewrites with the sizes of the target. The target is
 * only read.
 * @throws ConnectionError, StateError (`server_unavailable`: no server for the copy), SqlError
 */
export async function measurePlan(options: PlanOptions, given: OperationContext): Promise<MigrationPlan> {
  // A connection that was started earlier is for the work after the plan.
  const context = {...given, preconnection: undefined}
  const {target, signal} = context
  const facts = {...(await withClient(target.url, {signal}, readTarget)), unknownSizes: options.unknownSizes ?? false}
  const {sql} = await readSchema({env: options.env}, context)
  const measured = await measureSomewhere(sql, options, facts, context)
  const tables = new Tables(measured.initial, facts)
  const {failing, unmeasured} = separate(measured.unmeasured)
  const found = [...findingsOf(measured, tables), ...failing.map(failure), ...invalidIndexes(facts)]
  return {
    database: target.url.database,
    migrations: plannedMigrations(measured, tables),
    findings: options.unknownSizes ? found.map(({finding}) => finding) : await thoseWithRows(found, context),
    invalidIndexes: facts.invalid.map(({table, index}) => ({table, index})),
    unmeasured,
  }
}

/** Uses the first server on which the copy is complete, or else that on which least is missing. */
async function measureSomewhere(
  schema: string,
  {scratch, pending, cwd}: PlanOptions,
  {searchPath}: TargetFacts,
  {target: {url}}: OperationContext,
): Promise<Measured> {
  if (pending.length === 0) return {initial: new Map(), migrations: [], unmeasured: []}
  const {measured} = await onBestServer(
    scratch,
    async (server) => {
      const at = {cwd, database: url.database}
      return withCopy(schema, at, await server.open(), async ({client, missing, usable}) => {
        const found = await measureMigrations(client, usable ? pending : [], {...at, searchPath})
        const unmeasured: Unmeasured[] = [...missing, ...found.unmeasured]
        return {measured: {...found, unmeasured}, missing: usable ? missing.length : Infinity}
      })
    },
    ({missing}) => missing,
  )
  return measured
}

/** Leaves out findings about rows that the target does not have. */
async function thoseWithRows(
  found: readonly PossibleFinding[],
  {target, signal}: OperationContext,
): Promise<PlanFinding[]> {
  const questions = found.flatMap(({question}) => question ?? [])
  if (questions.length === 0) return found.map(({finding}) => finding)
  const answers = await withClient(target.url, {signal}, (client) => areFilled(client, questions))
  const filled = new Set(questions.filter((_, index) => answers[index]))
  return found.filter(({question}) => question === undefined || filled.has(question)).map(({finding}) => finding)
}

function invalidIndexes({invalid, tables}: TargetFacts): PossibleFinding[] {
  return invalid.map(({table, index, key}) => {
    const size = tables.get(key) ?? {bytes: 0, rows: null}
    const message = `The index ${index} on ${table} is not valid: writes keep it up to date, but no query uses it.`
    const instead = 'Build it again, or drop it, in a migration with transaction:false.'
    const sql = [marker, `reindex index concurrently ${index};`]
    return {
      finding: {
        code: 'invalid_index',
        migration: null,
        file: null,
        line: null,
        statement: null,
        table,
        ...size,
        message,
        instead,
        sql,
      },
    }
  })
}

/** On a copy that lacks nothing, a statement that fails will fail on the target, too. */
function separate(all: readonly Unmeasured[]): {failing: Unmeasured[]; unmeasured: Unmeasured[]} {
  const isComplete = all.every(({migration}) => migration !== null)
  const failing = all.filter(({fails}) => fails && isComplete)
  return {failing, unmeasured: all.filter((entry) => !failing.includes(entry))}
}

function failure({migration, file, line, statement, reason}: Unmeasured): PossibleFinding {
  const message = `Fails on the copy: ${reason}`
  const instead = 'Correct it. If it depends on rows, which the copy does not have, try it on a database that has some.'
  const none = {table: '', bytes: 0, rows: null, sql: []}
  return {finding: {code: 'statement_fails', migration, file, line, statement, ...none, message, instead}}
}
