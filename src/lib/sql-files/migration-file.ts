import {ConfigurationError, CruddurError} from '../errors.js'
import {SqlSplitter} from '../sql-text/splitter.js'
import {displayPath, type ScriptInput} from './sql-file.js'
import {isQuickToRead} from './scan.js'
import {openSource} from './source.js'
import {isStream} from './walk-support.js'

/** The lines with which programs for migrations begin the way back, as their documentation has them. */
const markers: readonly (readonly [program: string, line: RegExp])[] = [
  ['dbmate', /^--\s*migrate:down\b/im],
  ['goose', /^--\s*\+goose\s+down\b/im],
  ['sql-migrate', /^--\s*\+migrate\s+down\b/im],
  ['node-pg-migrate', /^--+\s*down\s+migration\b/im],
  ['tern', /^-{4}\s*create above\s*\/\s*drop below\s*-{4}/im],
  ['MyBatis Migrations', /^--\s*\/\/\s*@undo\b/im],
  ['Play evolutions', /^--\s*-*\s*!downs\b/im],
  ['shmig', /^--\s*=+\s*down\s*=+/im],
]

/**
 * Refuses files that hold both directions of a migration, since all of their statements would run: the way back drops what
 * the way up has created.
 * @throws ConfigurationError (`migration_both_directions`)
 */
export async function refuseMigrations(inputs: readonly ScriptInput[], cwd: string): Promise<void> {
  // No migration is that long.
  if (!(await isQuickToRead(inputs))) return
  for (const {path, table} of inputs) {
    const found = table === undefined ? await wayBack(path).catch(ignoreUnreadable) : undefined
    if (found === undefined) continue
    const name = displayPath(path, cwd)
    const {line, marker, program} = found
    throw new ConfigurationError(
      `${name} holds both directions of a migration: the way back begins in line ${line} (${marker}). Nothing was changed.`,
      {
        code: 'migration_both_directions',
        next: [`Put the statements before line ${line} into a file of their own, or apply the file with ${program}.`],
        details: {file: name, line, program},
      },
    )
  }
}

/** A file that cannot be read is reported by the run. */
function ignoreUnreadable(error: unknown): undefined {
  if (!(error instanceof CruddurError) && !(error instanceof Error && 'code' in error)) throw error
  return undefined
}

interface WayBack {
  line: number
  marker: string
  program: string
}

/** Finds the marker, if statements follow it. Most files have none, and are not split into statements. */
async function wayBack(path: string): Promise<WayBack | undefined> {
  if (await isStream(path)) return undefined
  const chunks: Buffer[] = []
  for await (const chunk of openSource(path).chunks) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  return markerIn(bytes.toString('latin1')) === undefined ? undefined : inComments(bytes, path)
}

/** Markers count only in comments between statements, not in texts and function bodies. */
function inComments(bytes: Buffer, path: string): WayBack | undefined {
  const splitter = new SqlSplitter({file: path})
  for (const {kind, start, offset, bytes: piece} of [...splitter.push(bytes), ...splitter.end()]) {
    if (kind !== 'statement') continue
    const found = markerIn(piece.toString('latin1', 0, start))
    if (found === undefined) continue
    const before = bytes.toString('latin1', 0, offset + found.index)
    return {line: before.split('\n').length, marker: found.text, program: found.program}
  }
  return undefined
}

function markerIn(text: string): {index: number; text: string; program: string} | undefined {
  for (const [program, line] of markers) {
    const found = line.exec(text)
    if (found !== null) return {index: found.index, text: found[0], program}
  }
  return undefined
}
