import {createHash} from 'node:crypto'
import {realpathSync} from 'node:fs'
import {dirname, resolve} from 'node:path'
import {ConfigurationError, errorCode} from '../errors.js'
import {parsePsqlLine} from './psql-line.js'
import {openSource} from './source.js'
import type {ScriptInput} from './sql-file.js'

/** So much of a file is looked at again with its next part, since a psql line may lie across two. */
const longestLine = 64 * 1024
/** The names of the psql lines that read a file, each with its backslash. */
const readers = /\\(?:i|ir|include|include_relative|copy)(?=\s)[^\r\n]*/g
/** What each of them has in it, so that most parts of a file need no regular expression. */
const signs = ['\\i', '\\copy']

/**
 * A hash of everything that a run of these files reads: their bytes, in order, and those of the files that their psql
 * lines name, wherever such a line seems to stand. What a string or a comment names is in it too: that can only make two
 * runs differ that do not, never the other way round.
 * @throws ConfigurationError for a file that cannot be read
 */
export async function fingerprint(inputs: ScriptInput[], cwd: string): Promise<string> {
  const hash = createHash('sha256')
  for (const {path, table} of inputs) {
    hash.update(`${JSON.stringify(table ?? null)}\0`)
    hash.update(await fileHash(path, cwd, new Set()))
  }
  return hash.digest('hex')
}

/** `above` are the files that lead to this one: one that includes itself is an error of the run, not of its hash. */
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
    // The run looks in the working folder and beside the file; both count, so that a file that appears is noticed.
    for (const candidate of new Set([resolve(cwd, name), resolve(dirname(path), name)]))
      hash.update(await namedHash(candidate, cwd, within))
  }

  return hash.digest()
}

/** A file that is named but cannot be read may be named in a comment alone: the run will say so if it needs it. */
async function namedHash(path: string, cwd: string, above: ReadonlySet<string>): Promise<Buffer | string> {
  try {
    return above.has(realpathSync(path)) ? 'includes itself' : await fileHash(path, cwd, above)
  } catch (error) {
    if (error instanceof ConfigurationError || errorCode(error) !== undefined) return 'absent'
    throw error
  }
}

/** The paths that the psql lines in `text`, a file's bytes as Latin-1, name. */
function filesNamed(text: string): string[] {
  if (!signs.some((sign) => text.includes(sign))) return []
  return [...text.matchAll(readers)].flatMap(([line]) => {
    const read = parsePsqlLine(Buffer.from(line, 'latin1').toString('utf8'))
    return read.kind === 'include' || read.kind === 'copy' ? [read.path] : []
  })
}
