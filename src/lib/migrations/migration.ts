import {isUtf8} from 'node:buffer'
import {readFileSync} from 'node:fs'
import {CruddurError, ConfigurationError, errorCode} from '../errors.js'
import type {ScriptInput} from '../sql-files/sql-file.js'
import {displayPath} from '../sql-files/sql-file.js'
import {scriptError} from '../sql-text/faults.js'
import {readControl} from '../sql-text/control.js'
import type {BufferPiece} from '../sql-text/pieces.js'
import {SqlSplitter} from '../sql-text/splitter.js'
import {concurrentIndex} from './concurrent-index.js'
import type {MigrationFile} from './migration-files.js'

/** One direction of a migration. */
export interface Section {
  /** The text with its marker line. */
  text: string
  /** False for `transaction:false`. */
  transaction: boolean
  /** Its pieces, if they are known. */
  pieces?: readonly BufferPiece[] | undefined
  /** What the runner takes. Its lines have the same numbers as in the file. */
  input: ScriptInput
}

/** A migration that was read. */
export interface Migration extends MigrationFile {
  /** The path for people. */
  file: string
  up: Section
  /** Undefined if there is none, or if it has no statements. */
  down: Section | undefined
}

/** The line that begins a direction. */
const marker = /^--[ \t]*migrate:(up|down)(?:[ \t]+(\S[^\r\n]*))?[ \t]*\r?$/gm

/** Markers of other programs that keep both directions in one file. */
const otherMarkers: readonly (readonly [program: string, marker: RegExp])[] = [
  ['goose', /^--\s*\+goose\s+up\b/im],
  ['sql-migrate', /^--\s*\+migrate\s+up\b/im],
  ['node-pg-migrate', /^--+\s*up\s+migration\b/im],
]

/**
 * Reads a migration and finds its two directions, by the rules of dbmate: `-- migrate:up` and `-- migrate:down` begin
 * lines, and there is nothing but comments before the first.
 * @throws ConfigurationError, SqlError (`migration_…`, `script_…`) with `details.place`
 */
export function readMigration(found: MigrationFile, cwd: string): Promise<Migration> {
  // Opening a hundred small files without blocking takes ten times as long.
  return new Promise((resolve) => resolve(readAtOnce(found, cwd)))
}

function readAtOnce(found: MigrationFile, cwd: string): Migration {
  const file = displayPath(found.path, cwd)
  const read = bytesOf(found.path, file)
  // Says where it is not UTF-8, or has a NUL byte.
  checkText(file, read)
  const bytes = withoutByteOrderMark(read)
  const [up, down] = markersIn(file, bytes)
  const section = (from: Marker, to: number): Section => sectionOf(found.path, bytes, from, to)
  const sections = {up: section(up, down?.from ?? bytes.length), down: down && section(down, bytes.length)}
  sections.up.pieces = piecesOf(file, up, sections.up)
  const isDown =
    down !== undefined && sections.down !== undefined && piecesOf(file, down, sections.down).some(isStatement)
  return {...found, file, up: sections.up, down: isDown ? sections.down : undefined}
}

function bytesOf(path: string, file: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new ConfigurationError(`${file} cannot be read (${errorCode(error) ?? 'unknown reason'}).`, {
      code: 'file_unreadable',
      details: {file},
      cause: error,
    })
  }
}

/** psql commands that a migration with `transaction:false` may have: what they do does not depend on earlier statements. */
const stepCommands = /^\\(?:i|ir|include|include_relative|echo|qecho|warn|encoding)\b/

/**
 * Refuses what a direction cannot have, before anything is run.
 * @throws SqlError (`migration_transaction`, `migration_step_refused`, `migration_empty`) with `details.place`
 */
export function requireRunnable({file, version}: Pick<Migration, 'file' | 'version'>, section: Section): void {
  const pieces = (section.pieces ?? piecesOf(file, {line: 1}, section)).filter(isStatement)
  let open = false
  for (const piece of pieces) {
    const control = piece.statement === 'transaction' ? readControl(piece) : undefined
    if (!section.transaction && control !== undefined && open === (control.kind === 'begin'))
      throw scriptError(
        'migration_step_refused',
        `There is ${open ? 'a transaction already' : 'no transaction to end'} here. Nothing was changed.`,
        file,
        piece,
        'Remove the statement.',
      )
    if (control !== undefined) open = control.kind === 'begin'
    if (section.transaction && control !== undefined)
      throw scriptError(
        'migration_transaction',
        'A migration is one transaction, so no statement in it can begin or end one. Nothing was changed.',
        file,
        piece,
        'Remove the statement, or write transaction:false after the marker, for example -- migrate:up transaction:false',
      )
    const command = piece.bytes.toString('utf8', piece.start)
    if (!section.transaction && isUnnamedIndex(command))
      throw scriptError(
        'migration_index_unnamed',
        'CREATE INDEX CONCURRENTLY in a migration needs the name of the index. Nothing was changed.',
        file,
        piece,
        'Name it: if the statement fails, the invalid index that it leaves behind is found by its name.',
      )
    if (!section.transaction && piece.kind === 'psql' && !stepCommands.test(command))
      throw scriptError(
        'migration_step_refused',
        'A migration with transaction:false goes on where it stopped, so this command cannot stand in it. Nothing was changed.',
        file,
        piece,
        'Remove the command, or put it into a migration that is one transaction.',
      )
  }
  if (pieces.length === 0)
    throw new ConfigurationError(`${file} has no statements. Nothing was changed.`, {
      code: 'migration_empty',
      next: ['Write statements after -- migrate:up, or remove the file.'],
      details: {file, version},
    })
}

function isUnnamedIndex(statement: string): boolean {
  if (!/^create\b[^;]*\bconcurrently\b/i.test(statement)) return false
  const index = concurrentIndex(statement)
  return index?.kind === 'create' && index.index === undefined
}

/** Reads a direction that was stored, as {@link Section.text}. `path` is that of its file, which may be gone. */
export function storedSection(text: string, path: string): Section {
  const bytes = Buffer.from(text)
  const [first] = text.matchAll(marker)
  const options = first?.[2]
  return {text, transaction: !/(^|\s)transaction:false(\s|$)/.test(options ?? ''), input: {path, content: bytes}}
}

interface Marker {
  /** The position of its line, in bytes. */
  from: number
  line: number
  transaction: boolean
}

function markersIn(file: string, bytes: Buffer): [up: Marker, down: Marker | undefined] {
  const text = bytes.toString('latin1')
  const found = [...text.matchAll(marker)].map(({index: from, 1: kind, 2: options = ''}) => {
    const line = text.slice(0, from).split('\n').length
    return {kind: kind as 'up' | 'down', from, line, transaction: transactionOf(file, options, line)}
  })
  const [first, second] = found
  if (first === undefined) throw withoutMarkers(file, text)
  const before = firstStatement(bytes.subarray(0, first.from))
  if (before !== undefined)
    throw misplaced(
      file,
      before,
      'There is a statement before the first marker.',
      'Move it after the line -- migrate:up',
    )
  const up = found.filter(({kind}) => kind === 'up')
  if (first.kind !== 'up') {
    if (up.length === 0) throw withoutMarkers(file, text)
    throw misplaced(file, first.line, 'migrate:down stands before migrate:up.', 'Write the part of migrate:up first.')
  }
  const third = found.find(({kind}, index) => found.slice(0, index).some((earlier) => earlier.kind === kind))
  if (third !== undefined)
    throw misplaced(
      file,
      third.line,
      `The file has migrate:${third.kind} twice.`,
      'Make a file of its own for each migration.',
    )
  return [first, second]
}

function transactionOf(file: string, options: string, line: number): boolean {
  const words = options.split(/\s+/).filter((word) => word !== '')
  for (const word of words) {
    if (word === 'transaction:false' || word === 'transaction:true') continue
    throw misplaced(
      file,
      line,
      `The option ${word} is not known.`,
      'The only option is transaction:false, without a space.',
    )
  }
  return !words.includes('transaction:false')
}

function sectionOf(path: string, bytes: Buffer, {from, transaction}: Marker, to: number): Section {
  // Blanks in place of the rest, so that the runner counts lines as in the file.
  const blank = (part: Buffer): Buffer => Buffer.from(part.map((byte) => (byte === 0x0a ? byte : 0x20)))
  const content = Buffer.concat([blank(bytes.subarray(0, from)), bytes.subarray(from, to)])
  return {text: bytes.toString('utf8', from, to), transaction, input: {path, content}}
}

/** Whether a text has more than comments and blanks; one that cannot be split counts as having. */
export function hasStatements(text: Buffer): boolean {
  return firstStatement(text) !== undefined
}

/** The line of the first statement; of the beginning, if the text cannot be split. */
function firstStatement(text: Buffer): number | undefined {
  if (text.length === 0) return undefined
  const splitter = new SqlSplitter({file: ''})
  try {
    return [...splitter.push(text), ...splitter.end()].find(({kind}) => kind !== 'blank')?.line
  } catch (error) {
    if (error instanceof CruddurError) return 1
    throw error
  }
}

/** Some editors write one at the beginning. */
function withoutByteOrderMark(bytes: Buffer): Buffer {
  return bytes.subarray(bytes.indexOf('\ufeff') === 0 ? 3 : 0)
}

function checkText(file: string, bytes: Buffer): void {
  if (isUtf8(bytes) && !bytes.includes(0)) return
  const splitter = new SqlSplitter({file})
  try {
    splitter.push(bytes)
    splitter.end()
  } catch (error) {
    const code = errorCode(error)
    if (code === 'script_not_utf8' || code === 'script_nul_byte') throw error
    // A marker may have cut a statement into two, which is reported with its place.
    if (!(error instanceof CruddurError)) throw error
  }
}

/**
 * Splits a direction. Refuses one that ends inside of a quote, a comment or COPY data: its end is no marker, but part of a
 * text.
 */
function piecesOf(file: string, {line}: Pick<Marker, 'line'>, section: Section): BufferPiece[] {
  const splitter = new SqlSplitter({file})
  const pieces = splitter.push(section.input.content ?? Buffer.alloc(0))
  try {
    return [...pieces, ...splitter.end()]
  } catch (error) {
    if (!(error instanceof CruddurError) || error.code !== 'script_unterminated') throw error
    throw misplacedAs(
      error,
      `The part of the marker in line ${line} is not complete: ${error.message.replace('The file ends', 'it ends')}`,
    )
  }
}

const isStatement = ({kind}: BufferPiece): boolean => kind !== 'blank'

function misplacedAs(error: CruddurError, message: string): ConfigurationError {
  return new ConfigurationError(`${message} Nothing was changed.`, {
    code: 'migration_incomplete',
    next: ['Close it. A line that begins with -- migrate:up or -- migrate:down is a marker, also inside of a text.'],
    details: error.details,
    cause: error,
  })
}

function withoutMarkers(file: string, text: string): ConfigurationError {
  const program = otherMarkers.find(([, pattern]) => pattern.test(text))?.[0]
  const what = /^\s*$/.test(text) ? `${file} is empty.` : `${file} has no line -- migrate:up.`
  return new ConfigurationError(`${what} Nothing was changed.`, {
    code: 'migration_without_up',
    next: [
      program === undefined
        ? 'Write -- migrate:up before the statements, and -- migrate:down before those that undo them.'
        : `It looks like one of ${program}. Write -- migrate:up and -- migrate:down in place of its markers.`,
    ],
    details: {file},
  })
}

function misplaced(file: string, line: number, message: string, next: string): CruddurError {
  return scriptError('migration_marker_misplaced', `${message} Nothing was changed.`, file, {line, column: 1}, next)
}
