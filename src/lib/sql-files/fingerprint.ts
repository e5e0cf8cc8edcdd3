import {createHash, randomUUID} from 'node:crypto'
import {realpathSync} from 'node:fs'
import {ConfigurationError, errorCode} from '../errors.js'
import {scanArguments} from '../sql-text/psql/arguments.js'
import {parseCopy} from '../sql-text/psql/copy-line.js'
import {withHome} from '../sql-text/psql/home.js'
import {sessionVariables} from '../sql-text/psql/own-variables.js'
import {placesOf} from './included.js'
import {openSource} from './source.js'
import type {ScriptInput} from './sql-file.js'

/** The overlap between two parts of a file, because a psql command may be split between them. */
const maxLineBytes = 64 * 1024
/** psql commands that read a file, or change where files are searched. */
const readers = /\\(i|ir|include|include_relative|copy|cd)(?=\s)([^\r\n]*)/gi
/** A quick test, so that most parts of a file need no other expression. */
const psqlSigns = /\\(?:i|copy|cd)/i
/** A change of the database, which has an effect only if it names another one. */
const connecting = /\\c(?:onnect)?(?!\w)/
/** Variables whose values depend on the session. */
const ofSession = new RegExp(`:['"]?(?:${sessionVariables.join('|')})`)

export interface FingerprintOptions {
  cwd: string
  variables?: Readonly<Record<string, string>> | undefined
  /** The name of the database, which matters to files with `\\connect`. */
  database: string
}

/**
 * Hashes everything that a run of these files reads: the files and the files that their psql commands name. Commands
 * inside strings or comments count too: this can only cause an unnecessary rebuild, never a wrong copy. If only a run can
 * tell what is read, every hash is different.
 * @throws ConfigurationError if a file cannot be read
 */
export async function fingerprint(
  inputs: ScriptInput[],
  {cwd, variables = {}, database}: FingerprintOptions,
): Promise<string> {
  const hash = createHash('sha256')
  if (Object.keys(variables).length > 0) hash.update(`${JSON.stringify(Object.entries(variables).sort())}\0`)
  for (const {path, table} of inputs) {
    hash.update(`${JSON.stringify(table ?? null)}\0`)
    hash.update(await fileHash(path, {cwd, database}, new Set()))
  }
  return hash.digest('hex')
}

type Base = Pick<FingerprintOptions, 'cwd' | 'database'>

/** `above` are the including files, to stop at a file that includes itself; the run reports that error. */
async function fileHash(path: string, base: Base, above: ReadonlySet<string>): Promise<Buffer> {
  const hash = createHash('sha256')
  const named: Named = {paths: [], depends: false, connects: false}
  let rest = ''
  for await (const chunk of openSource(path).chunks) {
    hash.update(chunk)
    const text = rest + chunk.toString('latin1')
    const end = Math.max(text.lastIndexOf('\n') + 1, text.length - maxLineBytes)
    addNames(named, text.slice(0, end))
    rest = text.slice(end)
  }

  addNames(named, rest)
  if (named.depends) hash.update(randomUUID())
  if (named.connects) hash.update(`${JSON.stringify(base.database)}\0`)
  const within = new Set([...above, realpathSync(path)])
  for (const name of named.paths) {
    // A run looks in the working folder and then next to the file. Both count, so that a new file is noticed.
    for (const candidate of placesOf({path: name, relative: false}, path, base.cwd))
      hash.update(await namedHash(candidate, base, within))
  }

  return hash.digest()
}

/** A file that cannot be read may be named only in a comment; if it is needed, the run reports the error. */
async function namedHash(path: string, base: Base, above: ReadonlySet<string>): Promise<Buffer | string> {
  try {
    return above.has(realpathSync(path)) ? 'includes itself' : await fileHash(path, base, above)
  } catch (error) {
    if (error instanceof ConfigurationError || errorCode(error) !== undefined) return 'absent'
    throw error
  }
}

/** What the psql commands in a text name. */
interface Named {
  paths: string[]
  /** Whether only a run can tell what is read. */
  depends: boolean
  /** Whether there is a `\\connect`. */
  connects: boolean
}

/** Adds what the psql commands in `text` name, which has bytes as Latin-1. */
function addNames(named: Named, text: string): void {
  named.depends ||= ofSession.test(text)
  named.connects ||= connecting.test(text)
  if (!psqlSigns.test(text)) return
  for (const [, command = '', bytes = ''] of text.matchAll(readers)) {
    const rest = Buffer.from(bytes, 'latin1').toString('utf8')
    const name = command.toLowerCase()
    if (name === 'cd') named.depends = true
    else if (name === 'copy') {
      const line = parseCopy(rest)
      if ('path' in line && line.path !== undefined) named.paths.push(withHome(line.path))
    } else {
      const {args} = scanArguments(rest, () => void (named.depends = true))
      if (args[0]) named.paths.push(withHome(args[0].text.replace(/;+$/, '')))
    }
  }
}
