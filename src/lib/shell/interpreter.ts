import {SqlError} from '../errors.js'
import {errorPosition, sqlFailure, sqlState, sqlStateOf} from '../postgres/connect/failures.js'
import type {CopyIn} from '../postgres/wire/script-wire.js'
import type {SqlSession} from '../postgres/wire/sql-session.js'
import type {BufferPiece} from '../sql-files/pieces.js'
import type {Place} from '../sql-files/place.js'
import {SqlSplitter} from '../sql-files/splitter.js'
import type {Printer} from './printer.js'
import type {OpenStatement} from './prompt.js'

export interface Surroundings {
  session: SqlSession
  /** The name of the text for errors; empty if the user types it. */
  name: string
  /** Creates a printer for the next statement; `expanded` shows its rows as records. */
  print: (how?: {expanded?: boolean}) => Printer
  /** Called with the duration of each statement in milliseconds. */
  onTimed: (milliseconds: number) => void
  /** Runs a backslash command. */
  command: (line: string) => Promise<void>
}

/**
 * Runs text in chunks of any size: statements at their semicolon, COPY data, and backslash commands at the end of their
 * line. The first error stops the chunk; call {@link reset} to go on after it.
 */
export class Interpreter {
  #splitter: SqlSplitter
  #copy: {copy: CopyIn; printer: Printer; text: string; place: Omit<Place, 'text'>} | undefined

  constructor(private readonly surroundings: Surroundings) {
    this.#splitter = this.#fresh()
  }

  /** What is open at the end of the text so far. */
  get open(): OpenStatement {
    return this.#splitter.open
  }

  /**
   * Runs more text.
   * @throws SqlError with `details.place`, ConnectionError, InterruptedError, and errors of backslash commands
   */
  async push(chunk: Buffer): Promise<void> {
    await this.#take(this.#splitter.push(chunk))
  }

  /** Ends the text. The last statement needs no semicolon. */
  async end(): Promise<void> {
    await this.#take(this.#splitter.end())
  }

  /** Discards what is not complete. */
  async reset(reason = 'canceled'): Promise<void> {
    const copy = this.#copy
    this.#copy = undefined
    this.#splitter = this.#fresh()
    await copy?.copy.fail(reason)
  }

  /** Runs one statement. */
  async run(text: Buffer, place: Omit<Place, 'text'>, how?: {expanded?: boolean}): Promise<void> {
    const {session, print, onTimed} = this.surroundings
    const printer = print(how)
    const begun = performance.now()
    let took: number | undefined
    try {
      const copy = await session.run(text, printer)
      took = performance.now() - begun
      if (copy !== undefined) this.#copy = {copy, printer, text: text.toString(), place}
    } catch (error) {
      // The user has quit the pager, so the cancel is no error.
      if (printer.left && sqlStateOf(error) === sqlState.queryCanceled) return
      throw placed(error, text.toString(), place)
    } finally {
      await printer.finish()
      if (took !== undefined && this.#copy === undefined) onTimed(took)
    }
  }

  async #take(pieces: BufferPiece[]): Promise<void> {
    for (const piece of pieces) await this.#one(piece)
  }

  async #one(piece: BufferPiece): Promise<void> {
    switch (piece.kind) {
      case 'statement':
        await this.#statement(piece)
        return
      case 'copyData':
        return this.#copy?.copy.write(piece.bytes)
      case 'copyEnd':
        return this.#endCopy()
      case 'psql':
        return this.#backslash(piece)
      case 'blank':
    }
  }

  async #statement(piece: BufferPiece): Promise<void> {
    await this.run(piece.bytes.subarray(piece.start), this.#placeOf(piece))
    if (this.#copy === undefined || piece.statement === 'copy') return
    await this.reset('there is no data for this COPY')
  }

  async #endCopy(): Promise<void> {
    const open = this.#copy
    this.#copy = undefined
    if (open === undefined) return
    try {
      await this.surroundings.session.finish(open.copy)
    } catch (error) {
      throw placed(error, open.text, open.place)
    } finally {
      await open.printer.finish()
    }
  }

  /** Runs a backslash command. After an incomplete statement, `\\g` ends it, and others keep it. */
  async #backslash(piece: BufferPiece): Promise<void> {
    const line = piece.bytes.toString('utf8', piece.start).trim()
    const statement = piece.complete ? Buffer.alloc(0) : piece.bytes.subarray(0, piece.start)
    const [, name = ''] = /^\\(\S*)/.exec(line) ?? []
    if (/^gx?$/.test(name))
      return statement.length === 0
        ? undefined
        : this.run(statement, this.#placeOf(piece), {expanded: name === 'gx' || undefined})
    await this.surroundings.command(line)
    const kept = statement.length > 0 && name !== 'r' && name !== 'reset'
    if (kept) await this.#take(this.#splitter.push(Buffer.concat([statement, Buffer.from('\n')])))
  }

  #placeOf({line, column}: BufferPiece): Omit<Place, 'text'> {
    const {name} = this.surroundings
    return name === '' ? {file: '', line: 1, column: 1} : {file: name, line, column}
  }

  #fresh(): SqlSplitter {
    return new SqlSplitter({
      file: this.surroundings.name,
      standardConformingStrings: this.surroundings.session.facts.standardStrings,
    })
  }
}

/** Adds the location to an error of a statement that begins at `start`. */
function placed(error: unknown, text: string, start: Omit<Place, 'text'>): unknown {
  const failure = sqlFailure(error)
  if (!(failure instanceof SqlError) || failure === error) return failure
  const {message, code, next, details, cause} = failure
  return new SqlError(message, {
    code,
    next: [...next],
    details: {...details, place: placeIn(text, errorPosition(error), start)},
    cause,
  })
}

function placeIn(
  text: string,
  position: number | undefined,
  {file, line, column}: Omit<Place, 'text'>,
): Place | undefined {
  // A typed statement is not shown again if the server reports no position.
  if (position === undefined && file === '') return undefined
  const before = [...text]
    .slice(0, (position ?? 1) - 1)
    .join('')
    .split('\n')
  const index = before.length - 1
  return {
    file,
    line: line + index,
    column: [...(before[index] ?? '')].length + (index === 0 ? column : 1),
    text: `${index === 0 ? ' '.repeat(column - 1) : ''}${text.split('\n')[index] ?? ''}`,
  }
}
