import {isAscii} from 'node:buffer'
import {CruddurError, errorCode, InterruptedError} from '../errors.js'
import type {BufferPiece} from '../sql-text/pieces.js'
import {fixedVariables, sessionVariables} from '../sql-text/psql/own-variables.js'
import {dryWalk} from './dry-walk.js'
import {type Loss, lossesOf} from './losses.js'
import type {ScriptInput} from './sql-file.js'

export interface ScanOptions {
  /** The base of paths in `\i`. */
  cwd: string
  /** psql's variables of `--set`. */
  variables?: Readonly<Record<string, string>> | undefined
  signal?: AbortSignal
}

/** First letters of CREATE, DO, DROP and TRUNCATE. CREATE counts, because psql's scanner may end a function body too late. */
const dangerous = /[cdt]/i

/**
 * Finds what these files and the files that they include drop or truncate. What is only known when the files run counts as
 * `anything`: a pipe, which cannot be read twice, and statements that other statements make. The scan ends at the first
 * error, which the run will report.
 * @throws InterruptedError
 */
export async function lossesIn(inputs: readonly ScriptInput[], options: ScanOptions): Promise<Loss[]> {
  try {
    return await scan(inputs, options)
  } catch (error) {
    if (errorCode(error) !== 'script_not_utf8') throw error
  }
  // The run reads it in the encoding of the role or the database. The words of SQL are the same in all of them.
  const losses = await scan(inputs, options, 'LATIN1')
  return losses.every((loss) => loss.kind === 'anything' || isAscii(Buffer.from(loss.name.join(''))))
    ? losses
    : [{kind: 'anything'}]
}

async function scan(
  inputs: readonly ScriptInput[],
  {cwd, variables = {}, signal}: ScanOptions,
  encoding?: string,
): Promise<Loss[]> {
  const losses: Loss[] = []
  const anything = (): void => void losses.push({kind: 'anything'})
  const walk = dryWalk({
    cwd,
    encoding,
    values: fixedVariables,
    add: ({piece}) => {
      losses.push(...lossesOfPiece(piece, walk.standardStrings))
      return undefined
    },
    onUnreadable: anything,
    progress: () => {
      if (signal?.aborted) throw new InterruptedError(signal.reason)
    },
  })
  for (const name of sessionVariables) walk.state.forget(name)
  for (const [name, value] of Object.entries(variables)) walk.state.set(name, value)
  try {
    for (const input of inputs) if (input.table === undefined) await walk.run(input)
  } catch (error) {
    if (error instanceof InterruptedError || errorCode(error) === 'script_not_utf8') throw error
    if (!(error instanceof CruddurError) && errorCode(error) === undefined) throw error
  }
  if (walk.state.uncertain) anything()
  return losses
}

function lossesOfPiece({buffer, from, start, bytes}: BufferPiece, standardStrings: boolean): Loss[] {
  const first = String.fromCharCode(buffer[from + start] ?? 0)
  return dangerous.test(first) ? lossesOf(bytes.toString(), standardStrings) : []
}
