import {isAscii} from 'node:buffer'
import {CruddurError, errorCode, InterruptedError} from '../errors.js'
import {namesDatabase} from '../sql-text/control.js'
import type {BufferPiece} from '../sql-text/pieces.js'
import {fixedVariables, sessionVariables} from '../sql-text/psql/own-variables.js'
import {dryWalk} from './dry-walk.js'
import {type Loss, lossesOf} from './losses.js'
import type {ConnectAsked} from './sink.js'
import type {ScriptWalk} from './walk.js'
import {fileSize, openSource} from './source.js'
import type {ScriptInput} from './sql-file.js'
import {isStream} from './walk-support.js'

export interface ScanOptions {
  /** The base of paths in `\i`. */
  cwd: string
  /** The name of the database in which the files begin, if it is known. */
  database?: string | undefined
  /** psql's variables of `--set`. */
  variables?: Readonly<Record<string, string>> | undefined
  isDump?: boolean | undefined
  signal?: AbortSignal
}

/** What files will do, as far as reading tells it. */
export interface FileScan {
  /** Each `\connect` to another database than the first; the name is undefined if only the run knows it. */
  connects: ConnectAsked[]
  losses: {database: string | undefined; loss: Loss}[]
  /** Whether it is not known in which of the databases a statement runs. */
  ambiguous: boolean
  /** Whether the files may create databases. */
  creates: boolean
  /** The databases that the files drop. */
  drops: ConnectAsked[]
}

/** First letters of CREATE, DO, DROP and TRUNCATE. CREATE counts, because psql's scanner may end a function body too late. */
const dangerous = /[cdt]/i

/** psql commands that change the database, or run another file, which may. */
const mayConnect = /\\(?:c|connect|i|ir|include|include_relative)(?!\w)/
const overlap = 32
/** Read in some 10 ms. */
const maxQuickBytes = 16_000_000

/**
 * Finds what these files and the files that they include drop or truncate. What is only known when the files run counts as
 * `anything`: a pipe, which cannot be read twice, and statements that other statements make. The scan ends at the first
 * error, which the run will report.
 * @throws InterruptedError
 */
export async function scanFiles(inputs: readonly ScriptInput[], options: ScanOptions): Promise<FileScan> {
  try {
    return await scanOnce(inputs, options)
  } catch (error) {
    if (errorCode(error) !== 'script_not_utf8') throw error
  }
  // The run reads it in the encoding of the role or the database. The words of SQL are the same in all of them.
  const scan = await scanOnce(inputs, options, 'LATIN1')
  const names = [
    ...scan.losses.flatMap(({loss}) => (loss.kind === 'anything' ? [] : loss.name)),
    ...scan.connects.map(({to}) => to.database ?? ''),
  ]
  return isAscii(Buffer.from(names.join(''))) ? scan : withAnything(scan)
}

async function scanOnce(inputs: readonly ScriptInput[], options: ScanOptions, encoding?: string): Promise<FileScan> {
  const {database: home, variables = {}} = options
  const reading: Reading = {
    scan: {connects: [], losses: [], ambiguous: false, creates: false, drops: []},
    database: home,
  }
  const walk = walkFor(reading, options, encoding)
  for (const name of sessionVariables) walk.state.forget(name)
  for (const [name, value] of Object.entries(variables)) walk.state.set(name, value)
  try {
    for (const input of inputs) {
      // Each file begins in the first database.
      reading.database = home
      if (home !== undefined) walk.state.set('DBNAME', variables['DBNAME'] ?? home)
      if (input.table === undefined) await walk.run(input)
    }
  } catch (error) {
    if (error instanceof InterruptedError || errorCode(error) === 'script_not_utf8') throw error
    if (!(error instanceof CruddurError) && errorCode(error) === undefined) throw error
  }
  if (walk.state.uncertain) withAnything(reading.scan)
  return reading.scan
}

interface Reading {
  scan: FileScan
  /** The present database; undefined if its name is not known. */
  database: string | undefined
}

function walkFor(reading: Reading, {cwd, database: home, isDump, signal}: ScanOptions, encoding?: string): ScriptWalk {
  const {scan} = reading
  const walk = dryWalk({
    cwd,
    encoding,
    isDump,
    values: fixedVariables,
    add: ({piece, script}) => {
      for (const loss of lossesOfPiece(piece, walk.standardStrings)) {
        scan.losses.push({database: reading.database, loss})
        if (loss.kind === 'database') scan.drops.push({to: {database: loss.name.join('.')}, piece, script})
      }
      scan.creates ||= namesDatabase(piece)
      return undefined
    },
    onUnreadable: () => void withAnything(scan),
    onConnect(asked) {
      const name = asked.to.database ?? (asked.unsure ? undefined : reading.database)
      scan.ambiguous ||= asked.unsure === true
      if (name !== home || name === undefined) scan.connects.push({...asked, to: {...asked.to, database: name}})
      reading.database = name
      if (name === undefined) walk.state.forget('DBNAME')
      else walk.state.set('DBNAME', name)
    },
    progress: () => {
      if (signal?.aborted) throw new InterruptedError(signal.reason)
    },
  })
  return walk
}

/** For what only the run knows, it is not known either in which database it is done. */
function withAnything(scan: FileScan): FileScan {
  scan.ambiguous = scan.creates = true
  scan.losses.push({database: undefined, loss: {kind: 'anything'}})
  return scan
}

/** What the files drop or truncate in their first database. */
export async function lossesIn(inputs: readonly ScriptInput[], options: ScanOptions): Promise<Loss[]> {
  return lossesOfDatabase(await scanFiles(inputs, options), options.database)
}

/** What may be dropped or truncated in one of the databases; without a name all losses count. */
export function lossesOfDatabase({losses, ambiguous}: FileScan, database: string | undefined): Loss[] {
  return losses
    .filter(
      (found) => ambiguous || database === undefined || found.database === undefined || found.database === database,
    )
    .map(({loss}) => loss)
}

/** Whether the files are short enough to be read twice. */
export async function isQuickToRead(inputs: readonly ScriptInput[]): Promise<boolean> {
  const sizes = await Promise.all(inputs.map(({path}) => fileSize(path)))
  return sizes.reduce((sum, size) => sum + size, 0) <= maxQuickBytes
}

/** Whether the files may have a `\connect`. It is quick, and may say so without reason. */
export async function mayChangeDatabase(
  inputs: readonly ScriptInput[],
  {variables = {}}: Pick<ScanOptions, 'variables'>,
): Promise<boolean> {
  if (Object.values(variables).some((value) => value.includes('\\'))) return true
  try {
    for (const {path, table} of inputs) {
      if (table === undefined && !(await isStream(path)) && (await mayConnectIn(path))) return true
    }
    return false
  } catch (error) {
    if (!(error instanceof CruddurError) && errorCode(error) === undefined) throw error
    // The run reports it.
    return false
  }
}

async function mayConnectIn(path: string): Promise<boolean> {
  let rest = ''
  for await (const chunk of openSource(path).chunks) {
    // A search for bytes is much faster than an expression, and the data of COPY has many backslashes.
    const may = chunk.includes('\\c') || chunk.includes('\\i')
    const text = rest + chunk.toString('latin1', 0, may ? chunk.length : overlap)
    if (mayConnect.test(text)) return true
    rest = chunk.toString('latin1', Math.max(0, chunk.length - overlap))
  }
  return false
}

function lossesOfPiece({buffer, from, start, bytes}: BufferPiece, standardStrings: boolean): Loss[] {
  const first = String.fromCharCode(buffer[from + start] ?? 0)
  return dangerous.test(first) ? lossesOf(bytes.toString(), standardStrings) : []
}
