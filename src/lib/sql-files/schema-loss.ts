import type {OperationContext} from '../access/context.js'
import type {LosingTable} from '../access/effect.js'
import {type FilledTable, filledTables} from '../postgres/catalog/filled-tables.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {isLost} from './losses.js'
import {lossesIn} from './scan.js'
import type {ScriptInput} from './sql-file.js'

export interface LossOptions {
  inputs: readonly ScriptInput[]
  /** The path to show. */
  file: string
  cwd: string
  /** Does not ask, even if tables with rows are dropped. */
  force?: boolean
  /** Called with the tables that hold rows, if there are any. */
  onFilled?: (tables: FilledTable[]) => void
}

/**
 * Calls `context.authorize` before a file runs that drops or truncates tables with rows. The file is only read if the
 * database has tables with rows.
 * @throws RefusedError (`not_confirmed`)
 */
export async function confirmLoss(
  client: PostgresClient,
  {inputs, file, cwd, force = false, onFilled}: LossOptions,
  context: OperationContext,
): Promise<void> {
  const filled = await filledTables(client)
  if (filled.length === 0) return
  onFilled?.(filled)
  if (force) return
  const tables = await lostAmong(filled, {inputs, cwd}, context)
  if (tables.length > 0)
    await context.authorize({
      target: context.target,
      protection: 'rows',
      effect: {kind: 'schema:load', file, losing: tables},
    })
}

/** The tables that the files drop or truncate. */
export async function lostAmong(
  filled: readonly FilledTable[],
  {inputs, cwd}: Pick<LossOptions, 'inputs' | 'cwd'>,
  {signal}: Pick<OperationContext, 'signal'>,
): Promise<LosingTable[]> {
  const losses = filled.length === 0 ? [] : await lossesIn(inputs, {cwd, signal})
  return filled.filter((table) => isLost([table, ...table.ancestors], losses)).map(({name, rows}) => ({name, rows}))
}
