import type {OperationContext} from '../access/context.js'
import type {LosingTable} from '../access/effect.js'
import {type FilledTable, filledTables} from '../postgres/catalog/filled-tables.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {losesRows} from './losses.js'
import {lossesIn, type ScanOptions} from './scan.js'
import type {ScriptInput} from './sql-file.js'

export interface LossOptions extends Pick<ScanOptions, 'cwd' | 'database' | 'variables'> {
  inputs: readonly ScriptInput[]
  /** The path to show. */
  file: string
  /** Does not ask, even if tables with rows are dropped. */
  force?: boolean
  /** Tables with rows in other databases that the files drop or truncate. */
  losingElsewhere?: readonly LosingTable[]
  /** Called with the tables that hold rows, if there are any and nothing is asked. */
  onFilled?: (tables: FilledTable[]) => void
}

/**
 * Calls `context.authorize` before a file runs that drops or truncates tables with rows. The file is only read if the
 * database has tables with rows.
 * @throws RefusedError (`not_confirmed`)
 */
export async function confirmLoss(
  client: PostgresClient,
  {file, force = false, losingElsewhere = [], onFilled, ...reading}: LossOptions,
  context: OperationContext,
): Promise<void> {
  const filled = await filledTables(client)
  const tables = force ? [] : [...(await lostAmong(filled, reading, context)), ...losingElsewhere]
  if (tables.length === 0) return filled.length === 0 ? undefined : onFilled?.(filled)
  await context.authorize({
    target: context.target,
    protection: 'rows',
    effect: {kind: 'schema:load', file, losing: tables},
  })
}

/** The tables that the files drop or truncate. */
export async function lostAmong(
  filled: readonly FilledTable[],
  {inputs, ...reading}: Pick<LossOptions, 'inputs' | 'cwd' | 'database' | 'variables'>,
  {signal}: Pick<OperationContext, 'signal'>,
): Promise<LosingTable[]> {
  const losses = filled.length === 0 ? [] : await lossesIn(inputs, {...reading, signal})
  return filled.filter((table) => losesRows([table, ...table.ancestors], losses)).map(({name, rows}) => ({name, rows}))
}
