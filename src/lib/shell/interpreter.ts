import {SqlError} from '../errors.js'
import {errorPosition, sqlFailure, sqlState, sqlStateOf} from '../postgres/connect/failures.js'
import type {AnswerSink, CopyIn} from '../postgres/wire/script-wire.js'
import type {SqlSession} from '../postgres/wire/sql-session.js'
import type {Place} from '../sql-files/place.js'
import type {BufferPiece} from '../sql-text/pieces.js'
import type {Command} from '../sql-text/psql/command.js'
import {PsqlReader, settle} from '../sql-text/psql/reader.js'
import {countOf, LastRows} from '../sql-text/psql/rows.js'
import type {PsqlState} from '../sql-text/psql/state.js'
import type {Printer} from './printer.js'
import type {OpenStatement} from './prompt.js'

export interface InterpreterSurroundings {
  session: SqlSession
  /** The name of the text for errors; empty if the user types it. */
  name: string
  /** The encoding of the text until it sets one; undefined for UTF-8. */
  encoding: string | undefined
  /** Creates a printer for the next statement. */
  print: (how?: HowPrinted) => Printer
  /** Prints what was done. */
  report: (text: string) => void
  /** Whether a statement is run. */
  approve: (statement: Buffer) => Promise<boolean>
  /** Called with the error of a statement. */
  onError: (error: unknown, statement: string) => void
  /** Shows the columns of a statement. */
  showColumns: (statement: string) => Promise<void>
  /** Runs a statement again and again. */
  watch: (args: string[], once: (how: HowPrinted) => Promise<void>) => Promise<void>
  /** Called with the duration of each statement in milliseconds. */
  onTimed: (milliseconds: number) => void
  /** psql's variables and working folder. */
  state: PsqlState
  /** Copies the rows of a file into a table. */
  copyFile: (statement: string, path: string) => Promise<void>
  /** Runs a backslash command. */
  command: (command: ShellCommand) => Promise<void>
}

export interface HowPrinted {
  /** Shows rows as records. */
  expanded?: boolean | undefined
  title?: string
  /** A file, or `|` and a program, that gets the result. */
  to?: string | undefined
}

/** A command that the shell carries out itself. */
export type ShellCommand = Exclude<Command, {kind: 'send' | 'gset' | 'gexec' | 'gdesc' | 'watch' | 'copy' | 'copyOut'}>

/** The COPY that waits for its data. */
interface OpenCopy {
  copy: CopyIn
  printer: Printer
  text: string
  place: StartPlace
}

/** Where a statement begins; `piece` is set if it is in the text. */
type StartPlace = Omit<Place, 'text'> & {piece?: BufferPiece}

/**
 * Runs text in chunks of any size: statements at their semicolon, COPY data, and backslash commands at the end of their
 * line. The first error stops the chunk; call {@link reset} to go on after it.
 */
export class Interpreter {
  #reader: PsqlReader
  #copy: OpenCopy | undefined
  /** Statements that `\\;` joins with the next one. */
  #joined: BufferPiece[] = []

  constructor(private readonly surroundings: InterpreterSurroundings) {
    this.#reader = this.#fresh()
  }

  /** What is open at the end of the text so far. */
  get open(): OpenStatement {
    return this.#reader.splitter.open ?? (this.#joined.length > 0 ? 'statement' : undefined)
  }

  /** Whether the text was ended by `\\q`. */
  get ended(): boolean {
    return this.#reader.ended
  }

  /**
   * Runs more text.
   * @throws SqlError with `details.place`, ConnectionError, InterruptedError, and errors of backslash commands
   */
  async push(chunk: Buffer): Promise<void> {
    this.#reader.splitter.feed(chunk)
    await this.#take()
  }

  /** Runs what is left of the text after an error. */
  async goOn(): Promise<void> {
    await this.#take()
  }

  /** Ends the text. The last statement needs no semicolon. */
  async end(): Promise<void> {
    this.#reader.splitter.finish()
    await this.#take()
  }

  /** Discards what is not complete. */
  async reset(reason = 'canceled'): Promise<void> {
    const copy = this.#copy
    this.#copy = undefined
    this.#joined = []
    this.#reader = this.#fresh()
    await copy?.copy.fail(reason)
  }

  /** Copies the rows of a file with a COPY … FROM STDIN. */
  async copy(statement: string, chunks: AsyncIterable<Buffer>): Promise<void> {
    await this.#run(Buffer.from(statement), this.#nowhere())
    for await (const chunk of chunks) await this.#copy?.copy.write(chunk)
    await this.#endCopy()
  }

  /** Runs one statement, and shows its answer unless `sink` takes it. */
  async #run(text: Buffer, place: StartPlace, {sink, ...how}: HowPrinted & {sink?: AnswerSink} = {}): Promise<void> {
    const {session, print, onTimed, onError, approve, state} = this.surroundings
    if (!(await approve(text))) return
    const printer = print(how)
    const begun = performance.now()
    let took: number | undefined
    try {
      const copy = await session.run(text, sink ?? printer)
      took = performance.now() - begun
      if (copy !== undefined) this.#copy = {copy, printer, text: text.toString(), place}
      else this.surroundings.state.lastRows = countOf(printer.lastTag)
      // In the file are only rows.
      if (how.to !== undefined && printer.lastTag.startsWith('COPY')) this.surroundings.report(printer.lastTag)
      state.succeeded()
    } catch (error) {
      // The user has quit the pager, so the cancel is no error.
      if (printer.left && sqlStateOf(error) === sqlState.queryCanceled) return
      this.surroundings.state.lastRows = 0
      state.failed(sqlStateOf(error) ?? '', error instanceof Error ? error.message : '')
      const failure = placed(error, text.toString(), place)
      onError(failure, text.toString())
      throw failure
    } finally {
      await printer.finish()
      if (took !== undefined && this.#copy === undefined) onTimed(took)
    }
  }

  async #take(): Promise<void> {
    for (let step; (step = this.#reader.next());) {
      if (step === settle) this.surroundings.state.count(this.surroundings.state.lastRows)
      else if ('piece' in step) await this.#command(step)
      else await this.#piece(step)
    }
  }

  async #piece(piece: BufferPiece): Promise<void> {
    switch (piece.kind) {
      case 'statement':
        return this.#statement(piece)
      case 'copyData':
        return this.#copy?.copy.write(piece.bytes)
      case 'copyEnd':
        return this.#endCopy()
      default:
    }
  }

  async #statement(piece: BufferPiece, how?: HowPrinted & {sink?: AnswerSink}): Promise<void> {
    if (piece.extra.joined === true) {
      this.#joined.push(piece)
      return
    }
    const joined = [...this.#joined, piece]
    this.#joined = []
    const text = joined.length === 1 ? piece.bytes.subarray(piece.start) : Buffer.concat(joined.map(({bytes}) => bytes))
    await this.#run(text, joined.length === 1 ? this.#placeOf(piece) : this.#nowhere(), how)
    if (this.#copy === undefined || piece.statement === 'copy') return
    await this.reset('there is no data for this COPY')
  }

  async #endCopy(): Promise<void> {
    const open = this.#copy
    this.#copy = undefined
    if (open === undefined) return
    try {
      await this.surroundings.session.finish(open.copy)
      this.surroundings.state.lastRows = countOf(open.printer.lastTag)
    } catch (error) {
      const failure = placed(error, open.text, open.place)
      this.surroundings.onError(failure, open.text)
      throw failure
    } finally {
      await open.printer.finish()
    }
  }

  async #command(command: Command): Promise<void> {
    switch (command.kind) {
      case 'send':
        return this.#statement(command.query, {expanded: command.records || undefined, to: command.to})
      case 'gdesc':
        return this.surroundings.showColumns(textOf(command.query))
      case 'watch':
        return this.surroundings.watch(command.args, (how) => this.#statement(command.query, how))
      case 'gset':
        return this.#keepRow(command.query, command.prefix)
      case 'gexec':
        return this.#runRows(command.query)
      case 'copy':
        return command.path === undefined
          ? this.#run(Buffer.from(command.statement), this.#nowhere())
          : this.surroundings.copyFile(command.statement, command.path)
      case 'copyOut':
        return this.#run(Buffer.from(command.statement), this.#nowhere(), {to: command.path})
      case 'connect':
        await this.surroundings.command(command)
        this.#reader.splitter.standardConformingStrings = this.surroundings.session.facts.standardStrings
        return
      default:
        return this.surroundings.command(command)
    }
  }

  async #keepRow(query: BufferPiece, prefix: string): Promise<void> {
    const answer = new LastRows()
    await this.#statement(query, {sink: answer})
    this.surroundings.state.lastRows = answer.rows.length
    const problem = this.surroundings.state.store(prefix, answer)
    if (problem !== undefined) throw new SqlError(problem, {code: 'shell_command'})
  }

  async #runRows(query: BufferPiece): Promise<void> {
    const answer = new LastRows()
    await this.#statement(query, {sink: answer})
    for (const text of answer.rows.flat()) if (text !== null) await this.#run(Buffer.from(text), this.#nowhere())
  }

  #placeOf(piece: BufferPiece): StartPlace {
    const {name} = this.surroundings
    const {line, column} = piece
    return name === '' ? {file: '', line: 1, column: 1} : {file: name, line, column, piece}
  }

  /** The place of a statement that is not in the text. */
  #nowhere(): StartPlace {
    return {file: '', line: 1, column: 1}
  }

  #fresh(): PsqlReader {
    const {name, state, session, encoding} = this.surroundings
    const reader = new PsqlReader(state, {file: name, standardConformingStrings: session.facts.standardStrings})
    reader.splitter.encoding = encoding
    return reader
  }
}

function textOf(piece: BufferPiece): string {
  return piece.bytes.toString('utf8', piece.start)
}

/** Adds the location to an error of a statement that begins at `start`. */
function placed(error: unknown, text: string, start: StartPlace): unknown {
  const failure = sqlFailure(error)
  if (!(failure instanceof SqlError) || failure === error) return failure
  const {message, code, next, details, cause} = failure
  return new SqlError(message, {
    code,
    next: [...next],
    details: {...details, place: placeOfError(text, errorPosition(error), start)},
    cause,
  })
}

function placeOfError(
  text: string,
  position: number | undefined,
  {file, line, column, piece}: StartPlace,
): Place | undefined {
  // A typed statement is not shown again if the server reports no position.
  if (position === undefined && file === '') return undefined
  const before = [...text]
    .slice(0, (position ?? 1) - 1)
    .join('')
    .split('\n')
  const index = before.length - 1
  const bytes = Buffer.byteLength(before.join('\n'))
  return {
    file,
    line: piece === undefined ? line + index : piece.placeAt(piece.start + bytes).line,
    column: [...(before[index] ?? '')].length + (index === 0 ? column : 1),
    text: `${index === 0 ? ' '.repeat(column - 1) : ''}${text.split('\n')[index] ?? ''}`,
  }
}
