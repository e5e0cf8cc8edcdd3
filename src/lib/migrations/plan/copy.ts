import type {OperationContext} from '../../access/context.js'
import {
  foreignSchema,
  isLacking,
  leavesDatabase,
  type LoadOptions,
  loadOneByOne,
  loadWhole,
} from '../../dumps/load-schema.js'
import {withScratchDatabase} from '../../dumps/scratch-database.js'
import {ConfigurationError, errorCode, SqlError} from '../../errors.js'
import {withClient} from '../../postgres/connect/client.js'
import {sqlState, sqlStateOf} from '../../postgres/connect/failures.js'
import type {PostgresClient} from '../../postgres/connect/postgres-client.js'
import type {Place} from '../../sql-files/place.js'
import type {ScriptInput} from '../../sql-files/sql-file.js'
import type {Unmeasured} from './types.js'

/** A database with the schema of the target, and without rows. */
export interface Copy {
  client: PostgresClient
  /** Statements of the schema that the server could not run. */
  missing: Unmeasured[]
  /** False if nothing can be measured, because a statement failed for another reason than something that is missing. */
  usable: boolean
}

/** Makes the copy in a new database on the server of the context, runs `use`, and drops the database. */
export async function withCopy<T>(
  schema: string,
  options: Pick<LoadOptions, 'cwd' | 'database'>,
  server: OperationContext,
  use: (copy: Copy) => Promise<T>,
): Promise<T> {
  return withScratchDatabase(server, ({target, signal}) =>
    withClient(target.url, {signal}, async (client) => {
      const loaded = await load(client, foreignSchema(schema), {...options, owners: false, signal})
      await populate(client)
      return use({client, ...loaded})
    }),
  )
}

/**
 * Marks materialized views as filled, as they are on the target, because otherwise they cannot be read. Their queries are
 * not run, since they may call functions of the target.
 */
async function populate(client: PostgresClient): Promise<void> {
  try {
    await client.query("update pg_catalog.pg_class set relispopulated = true where relkind = 'm'")
  } catch (error) {
    if (sqlStateOf(error) !== sqlState.insufficientPrivilege) throw error
  }
}

async function load(
  client: PostgresClient,
  input: ScriptInput,
  options: LoadOptions,
): Promise<Pick<Copy, 'missing' | 'usable'>> {
  try {
    if (await isLoadedWhole(client, input, options)) return {missing: [], usable: true}
    const skipped = await loadOneByOne(client, [input], options)
    const missing = skipped.map(({statement, reason}) => ({
      migration: null,
      file: null,
      line: null,
      statement,
      reason,
      fails: false,
    }))
    return {missing, usable: true}
  } catch (error) {
    if (!(error instanceof SqlError || error instanceof ConfigurationError)) throw error
    const place = error.details['place'] as Place | undefined
    return {
      missing: [
        {migration: null, file: null, line: null, statement: place?.text ?? '', reason: error.message, fails: false},
      ],
      usable: false,
    }
  }
}

async function isLoadedWhole(client: PostgresClient, input: ScriptInput, options: LoadOptions): Promise<boolean> {
  if (await leavesDatabase([input], options)) return false
  try {
    await loadWhole(client, [input], options)
    return true
  } catch (error) {
    if (!isLacking(errorCode(error))) throw error
    return false
  }
}
