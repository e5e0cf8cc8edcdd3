import type {OperationContext} from '../access/context.js'
import type {LosingTable} from '../access/effect.js'
import {type FilledTable, filledTables} from '../postgres/catalog/filled-tables.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {isLost} from './losses.js'
import {lossesIn} from './scan.js'
import type {ScriptInput} from './sql-file.js'

/** What {@link confirmLoss} takes. */
export interface LossOptions {
  inputs: readonly ScriptInput[]
  /** How the file is shown. */
  file: string
  cwd: string
  /** Goes on where tables with rows are dropped. */
  force?: boolean
  /** Told which tables hold rows, where there are any. */
  onFilled?: (tables: FilledTable[]) => void
}

/**
 * Asks `context.authorize` before a file that drops or empties tables with rows is run. The file is read only where the
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

/** Those of the tables that a run of the files drops or empties. */
export async function lostAmong(
  filled: readonly FilledTable[],
  {inputs, cwd}: Pick<LossOptions, 'inputs' | 'cwd'>,
  {signal}: Pick<OperationContext, 'signal'>,
): Promise<LosingTable[]> {
  const losses = filled.length === 0 ? [] : await lossesIn(inputs, {cwd, signal})
  return filled.filter((table) => isLost([table, ...table.ancestors], losses)).map(({name, rows}) => ({name, rows}))
}
