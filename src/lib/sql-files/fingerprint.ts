import {createHash} from 'node:crypto'
import {realpathSync} from 'node:fs'
import {dirname, resolve} from 'node:path'
import {ConfigurationError, errorCode} from '../errors.js'
import {parsePsqlLine} from './psql-line.js'
import {openSource} from './source.js'
import type {ScriptInput} from './sql-file.js'

/** The overlap between two parts of a file, because a psql command may be split between them. */
const longestLine = 64 * 1024
/** psql commands that read a file. */
const readers = /\\(?:i|ir|include|include_relative|copy)(?=\s)[^\r\n]*/g
/** A quick test, so that most parts of a file need no regular expression. */
const signs = ['\\i', '\\copy']

/**
 * Hashes everything that a run of these files reads: the files and the files that their psql commands name. Commands
 * inside strings or comments count too: this can only cause an unnecessary rebuild, never a wrong copy.
 * @throws ConfigurationError if a file cannot be read
 */
export async function fingerprint(inputs: ScriptInput[], cwd: string): Promise<string> {
  const hash = createHash('sha256')
  for (const {path, table} of inputs) {
    hash.update(`${JSON.stringify(table ?? null)}\0`)
    hash.update(await fileHash(path, cwd, new Set()))
  }
  return hash.digest('hex')
}

/** `above` are the including files, to stop at a file that includes itself; the run reports that error. */
async function fileHash(path: string, cwd: string, above: ReadonlySet<string>): Promise<Buffer> {
  const hash = createHash('sha256')
  const named: string[] = []
  let rest = ''
  for await (const chunk of openSource(path).chunks) {
    hash.update(chunk)
    const text = rest + chunk.toString('latin1')
    const end = Math.max(text.lastIndexOf('\n') + 1, text.length - longestLine)
    named.push(...filesNamed(text.slice(0, end)))
    rest = text.slice(end)
  }

  named.push(...filesNamed(rest))
  const within = new Set([...above, realpathSync(path)])
  for (const name of named) {
    // A run looks in the working folder and then next to the file. Both count, so that a new file is noticed.
    for (const candidate of new Set([resolve(cwd, name), resolve(dirname(path), name)]))
      hash.update(await namedHash(candidate, cwd, within))
  }

  return hash.digest()
}

/** A file that cannot be read may be named only in a comment; if it is needed, the run reports the error. */
async function namedHash(path: string, cwd: string, above: ReadonlySet<string>): Promise<Buffer | string> {
  try {
    return above.has(realpathSync(path)) ? 'includes itself' : await fileHash(path, cwd, above)
  } catch (error) {
    if (error instanceof ConfigurationError || errorCode(error) !== undefined) return 'absent'
    throw error
  }
}

/** The paths in psql commands in `text`, which has bytes as Latin-1. */
function filesNamed(text: string): string[] {
  if (!signs.some((sign) => text.includes(sign))) return []
  return [...text.matchAll(readers)].flatMap(([line]) => {
    const read = parsePsqlLine(Buffer.from(line, 'latin1').toString('utf8'))
    return read.kind === 'include' || read.kind === 'copy' ? [read.path] : []
  })
}
