import {byte, noBytes} from './characters.js'
import {CopyData} from './copy-data.js'
import {Cutter, headLength} from './cutter.js'
import {decoderOf, type EncodingChange, encodingSet} from './encodings.js'
import {gluedToCopy, unterminated} from './faults.js'
import {Intake} from './intake.js'
import {Lexer} from './lexer.js'
import type {Opening} from './modes.js'
import {type BufferPiece, computed, madeUp, type PieceExtra} from './pieces.js'
import {Expansion, type VariableSource} from './psql/expansion.js'
import {type LineColumn, markLength} from './search.js'
import type {Window} from './window.js'
import {standardStringsAfter} from './words.js'

export interface SplitterOptions {
  /** The name of the file for errors. */
  file: string
  /** The server's `standard_conforming_strings` at the start; default true, as on servers. */
  standardConformingStrings?: boolean | undefined
  /** Replaces psql's variables, and takes `\\;`. Without it, both are left as they are. */
  variables?: VariableSource
}

/**
 * Splits a SQL file, given in chunks of any size, into statements, COPY data and psql commands, exactly like psql
 * (psqlscan.l and, for COPY data, handleCopyIn in psql's copy.c). It keeps only the incomplete statement in memory, and
 * copies only bytes that are split by the end of a chunk.
 *
 * Throws an error with a location for a NUL byte, for bytes that are not UTF-8, and for a file that ends inside a quote, a
 * comment or a COPY. The caller must not change a chunk after pushing it.
 */
export class SqlSplitter {
  private readonly lexer: Lexer
  private readonly intake: Intake
  private readonly initialStrings: boolean
  private readonly cutter: Cutter
  private readonly window: Window
  private state: 'begin' | 'sql' | 'beforeData' | 'data' = 'begin'
  private final = false
  private readonly copyData = new CopyData()
  private copyPlace: LineColumn = {line: 1, column: 1}
  /** Whether {@link next} waits until the statements so far have run, because a variable depends on them. */
  waiting = false
  /** Where the encoding was set so far. */
  readonly encodings: readonly EncodingChange[]
  private readonly expansion: Expansion | undefined

  constructor(private readonly options: SplitterOptions) {
    this.initialStrings = options.standardConformingStrings ?? true
    const {variables, file} = options
    this.cutter = new Cutter(file)
    this.window = this.cutter.window
    this.intake = new Intake(file, this.window, (count) => this.moved(count))
    this.encodings = this.intake.changes
    this.lexer = new Lexer(this.initialStrings, variables !== undefined)
    this.expansion = variables && new Expansion(this.lexer, this.window, variables)
  }

  /** Whether a backslash in '' is literal after the statements so far. An included file begins with this value. */
  get standardConformingStrings(): boolean {
    return this.lexer.standardStrings
  }

  set standardConformingStrings(value: boolean) {
    this.lexer.standardStrings = value
  }

  /** What is open at the end of the text so far; undefined between statements. */
  get open(): Opening | 'statement' | 'parenthesis' | 'COPY data' | undefined {
    if (this.inData) return 'COPY data'
    const {open, start, parentheses} = this.lexer
    return open ?? (start < 0 ? undefined : parentheses > 0 ? 'parenthesis' : 'statement')
  }

  /** Whether the whole text was read. */
  get atEnd(): boolean {
    return this.final && !this.waiting
  }

  /** Returns the segments that are complete with this chunk. */
  push(chunk: Buffer): BufferPiece[] {
    this.feed(chunk)
    return this.all()
  }

  /** Returns the last segments. Nothing may be pushed after this. */
  end(): BufferPiece[] {
    this.finish()
    return this.all()
  }

  /** The encoding of the text that follows; undefined for UTF-8. Only {@link SplitterOptions.variables} takes others. */
  get encoding(): string | undefined {
    return this.intake.encoding
  }

  set encoding(name: string | undefined) {
    this.intake.encoding = name
  }

  /** Adds a chunk for {@link next}, which must have returned undefined. */
  feed(chunk: Buffer): void {
    this.intake.feed(chunk)
  }

  /** Says that there are no more chunks. */
  finish(): void {
    this.intake.finish()
    this.final = true
  }

  /** Returns the next segment; undefined if there is none without more bytes. */
  next(): BufferPiece | undefined {
    this.cutter.piece = this.take()
    return this.cutter.piece
  }

  /** Reads the rest of a psql command's line as SQL, after the part that belongs to the command. */
  unread(piece: BufferPiece, command: string): void {
    const used = Buffer.byteLength(command)
    const place = piece.placeAt(piece.start + used)
    this.window.unread(piece.length - piece.start - used, place)
    this.lexer.pos = this.window.base
  }

  /** Goes on with the incomplete statement before a psql command. */
  resume(query: BufferPiece | undefined): void {
    if (query === undefined) return
    const {window, lexer} = this
    window.putBack(query.bytes, query, query.extra.jumps ?? [])
    lexer.pos = 0
    this.expansion?.beginAt(query.length)
  }

  /** Reads COPY data next, for a psql command. */
  beginData(piece: BufferPiece): void {
    this.state = 'data'
    this.copyData.begin()
    this.copyPlace = {line: piece.line, column: piece.column}
  }

  private all(): BufferPiece[] {
    const pieces: BufferPiece[] = []
    for (let piece; (piece = this.next());) pieces.push(piece)
    return pieces
  }

  private take(): BufferPiece | undefined {
    this.cutter.piece = undefined
    this.waiting = false
    for (;;) {
      while (this.step(this.final && !this.window.holds)) if (this.cutter.piece) return this.cutter.piece
      if (this.cutter.piece || this.waiting) return this.cutter.piece
      if (!this.window.holds) break
      this.moved(this.window.appendHeld())
    }
    this.cutter.checkTo(Infinity)
    if (!this.final) return undefined
    const {open} = this.lexer
    if (this.inData) throw unterminated(this.options.file, 'COPY data', this.copyPlace)
    if (open) throw unterminated(this.options.file, open, this.window.placeOf(this.lexer.opened))
    return undefined
  }

  private get inData(): boolean {
    return this.state === 'data' || this.state === 'beforeData'
  }

  private moved(count: number): void {
    this.lexer.shift(count)
    this.expansion?.shift(count)
  }

  /** Takes one segment; returns false if more bytes are needed or none are left. */
  private step(final: boolean): boolean {
    switch (this.state) {
      case 'begin':
        return this.byteOrderMark(final)
      case 'sql':
        return this.sql(final)
      case 'beforeData':
        return this.restOfCopyLine(final)
      case 'data':
        return this.data(final)
    }
  }

  private byteOrderMark(final: boolean): boolean {
    const length = markLength(this.window.buffer, final)
    if (length === undefined) return false
    this.state = 'sql'
    if (length > 0) this.cutter.emit('blank', length)
    this.window.place.column = 1
    this.lexer.pos = length
    return true
  }

  private sql(final: boolean): boolean {
    const {lexer, window} = this
    const stop = lexer.scan(window.buffer, final)
    if (stop === 'semicolon') {
      this.statement(lexer.pos, true)
      return true
    }
    if (stop === 'variable') return !(this.waiting = !this.expansion!.replace())
    if (stop === 'backslash') return this.backslash(final)
    if (final && !lexer.open && window.length > 0) {
      if (lexer.start >= 0) this.statement(window.buffer.length, false)
      else this.cutter.emit('blank', window.buffer.length)
      return true
    }
    return false
  }

  /** Reads a psql command, or `\\;` and `\\:`, which stand for the sign alone. */
  private backslash(final: boolean): boolean {
    const {lexer, window} = this
    const at = lexer.pos
    const sign = window.buffer[at + 1]
    if (this.expansion === undefined) return this.psqlLine(final)
    if (sign === undefined && !final) return false
    if (sign !== byte.semicolon && sign !== byte.colon) return this.psqlLine(final)
    window.replace(at, at + 1, noBytes)
    if (lexer.start < 0) lexer.start = at
    lexer.pos = at + 1
    if (sign === byte.semicolon && lexer.parentheses === 0 && lexer.words.depth === 0)
      this.statement(lexer.pos, true, {joined: true})
    return true
  }

  private statement(end: number, complete: boolean, extra?: PieceExtra): void {
    const {lexer, window} = this
    if (complete && lexer.start === end - 1) {
      this.cutter.emit('blank', end)
    } else {
      const text = () => window.buffer.toString('latin1', lexer.start, Math.min(end, lexer.start + headLength))
      const statement = lexer.words.classify(text)
      this.cutter.emit('statement', end, lexer.start - window.base, statement, complete, extra)
      if (statement === 'setting') this.setting(text())
      if (statement === 'copy') {
        this.state = 'beforeData'
        const {line, column} = this.cutter.piece!
        this.copyPlace = {line, column}
      }
    }
    lexer.reset()
  }

  /** Follows a setting that changes how a file is read. The server gets UTF-8; what is typed is UTF-8 in any case. */
  private setting(text: string): void {
    const {lexer} = this
    lexer.standardStrings = standardStringsAfter(text, this.initialStrings) ?? lexer.standardStrings
    const encoding = this.expansion && this.options.file !== '' ? encodingSet(text) : undefined
    if (encoding === undefined || (decoderOf(encoding) === undefined && this.encoding === undefined)) return
    const written = this.cutter.piece!
    lexer.reset()
    this.encoding = encoding
    this.cutter.piece = computed(madeUp("SET client_encoding = 'UTF8';", written), written)
  }

  private psqlLine(final: boolean): boolean {
    const {lexer, window} = this
    const newline = window.buffer.indexOf(byte.newline, lexer.pos)
    if (newline < 0 && !final) return false
    const end = newline < 0 ? window.buffer.length : newline + 1
    const query = this.cutter.queryIn(lexer)
    this.cutter.emit('psql', end, lexer.pos - window.base, 'plain', lexer.start < 0, query && {query})
    lexer.reset()
    lexer.pos = end
    return true
  }

  /** Skips the rest of the line, because psql reads the data from the next line on. */
  private restOfCopyLine(final: boolean): boolean {
    const {buffer, base, place} = this.window
    const newline = buffer.indexOf(byte.newline, base)
    if (newline < 0 && !final) return false
    const end = newline < 0 ? buffer.length : newline + 1
    if (!/^\s*(--.*)?$/s.test(buffer.toString('latin1', base, end))) throw gluedToCopy(this.options.file, place)
    if (newline < 0) return false
    this.cutter.emit('blank', end)
    this.state = 'data'
    this.copyData.begin()
    return true
  }

  private data(final: boolean): boolean {
    const {buffer, base} = this.window
    const part = this.copyData.next(buffer, base, final)
    if (part === undefined) return false
    this.cutter.emit(part.kind, part.end)
    if (part.kind === 'copyData') return true
    this.state = 'sql'
    this.lexer.pos = this.window.base
    return true
  }
}
