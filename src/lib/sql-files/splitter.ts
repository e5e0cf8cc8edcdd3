import {byte} from './characters.js'
import {faultInText, gluedToCopy, unterminated} from './faults.js'
import {Lexer, type Opening} from './lexer.js'
import {BufferPiece, type PieceKind} from './pieces.js'
import {advance, type LineColumn} from './search.js'
import {TextCheck, type TextFault} from './text-check.js'
import {standardStringsAfter, type StatementClass} from './words.js'

export interface SplitterOptions {
  /** The name of the file for errors. */
  file: string
  /** The server's `standard_conforming_strings` at the start; default true, as on servers. */
  standardConformingStrings?: boolean | undefined
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf])
const copyEnd = Buffer.from('\\.')
/** SET and RESET are parsed up to this length; longer ones change no setting that matters here. */
const settingLength = 200

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
  private readonly check = new TextCheck()
  private readonly initialStrings: boolean
  private state: 'begin' | 'sql' | 'beforeData' | 'data' = 'begin'
  private buffer: Buffer = Buffer.alloc(0)
  /** The memory of `buffer`, which may have free space after it. */
  private storage: Buffer = this.buffer
  private base = 0
  private offset = 0
  private place: LineColumn = {line: 1, column: 1}
  private dataAtLineStart = true
  private copyPlace: LineColumn = this.place
  private pieces: BufferPiece[] = []

  constructor(private readonly options: SplitterOptions) {
    this.initialStrings = options.standardConformingStrings ?? true
    this.lexer = new Lexer(this.initialStrings)
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
    if (this.state === 'data' || this.state === 'beforeData') return 'COPY data'
    const {open, start, parentheses} = this.lexer
    return open ?? (start < 0 ? undefined : parentheses > 0 ? 'parenthesis' : 'statement')
  }

  /** Returns the segments that are complete with this chunk. */
  push(chunk: Buffer): BufferPiece[] {
    const before = this.buffer.length - this.base
    this.append(chunk)
    this.throwFault(this.check.push(chunk), before)
    return this.cut(false)
  }

  /** Returns the last segments. Nothing may be pushed after this. */
  end(): BufferPiece[] {
    this.throwFault(this.check.end(), this.buffer.length - this.base)
    const pieces = this.cut(true)
    const opening = this.lexer.open
    if (this.state === 'data' || this.state === 'beforeData')
      throw unterminated(this.options.file, 'COPY data', this.copyPlace)
    if (opening) throw unterminated(this.options.file, opening, this.placeOf(this.lexer.opened))
    return pieces
  }

  private throwFault(found: TextFault | undefined, before: number): void {
    if (!found) return
    const index = this.base + before + found.index
    const place = this.placeOf(index)
    throw faultInText(
      this.options.file,
      found.fault,
      place,
      this.offset + index - this.base,
      this.buffer.subarray(Math.max(index, 0), index + 4),
    )
  }

  private placeOf(index: number): LineColumn {
    const place = {...this.place}
    advance(place, this.buffer, this.base, index)
    return place
  }

  private append(chunk: Buffer): void {
    const rest = this.buffer.length - this.base
    this.lexer.shift(this.base)
    if (rest === 0) {
      this.buffer = this.storage = chunk
    } else {
      const from = this.buffer.byteOffset - this.storage.byteOffset + this.base
      const size = rest + chunk.length
      if (this.storage === chunk || from + size > this.storage.length) {
        // Doubles the size, so that a very long statement is not copied with each chunk.
        this.storage = Buffer.allocUnsafeSlow(rest > chunk.length ? 2 * size : size)
        this.buffer.copy(this.storage, 0, this.base)
        chunk.copy(this.storage, rest)
        this.buffer = this.storage.subarray(0, size)
      } else {
        chunk.copy(this.storage, from + rest)
        this.buffer = this.storage.subarray(from, from + size)
      }
    }
    this.base = 0
  }

  private cut(final: boolean): BufferPiece[] {
    this.pieces = []
    while (this.step(final));
    return this.pieces
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
    const length = Math.min(this.buffer.length, byteOrderMark.length)
    if (length === 0) return false
    const marked = this.buffer.compare(byteOrderMark, 0, length, 0, length) === 0
    if (marked && length < byteOrderMark.length && !final) return false
    this.state = 'sql'
    if (marked && length === byteOrderMark.length) {
      this.emit('blank', length)
      this.place.column = 1
      this.lexer.pos = length
    }
    return true
  }

  private sql(final: boolean): boolean {
    const stop = this.lexer.scan(this.buffer, final)
    if (stop === 'semicolon') {
      this.statement(this.lexer.pos, true)
      return true
    }
    if (stop === 'backslash') return this.psqlLine(final)
    if (final && !this.lexer.open && this.base < this.buffer.length) {
      if (this.lexer.start >= 0) this.statement(this.buffer.length, false)
      else this.emit('blank', this.buffer.length)
      return true
    }
    return false
  }

  private statement(end: number, complete: boolean): void {
    const {lexer, base} = this
    if (complete && lexer.start === end - 1) {
      this.emit('blank', end)
    } else {
      const text = () => this.buffer.toString('latin1', lexer.start, Math.min(end, lexer.start + settingLength))
      const statement = lexer.words.classify(text)
      this.emit('statement', end, lexer.start - base, statement, complete)
      if (statement === 'setting')
        lexer.standardStrings = standardStringsAfter(text(), this.initialStrings) ?? lexer.standardStrings
      if (statement === 'copy') {
        this.state = 'beforeData'
        const copy = this.pieces.at(-1)!
        this.copyPlace = {line: copy.line, column: copy.column}
      }
    }
    lexer.reset()
  }

  private psqlLine(final: boolean): boolean {
    const {lexer} = this
    const newline = this.buffer.indexOf(byte.newline, lexer.pos)
    if (newline < 0 && !final) return false
    const end = newline < 0 ? this.buffer.length : newline + 1
    this.emit('psql', end, lexer.pos - this.base, 'plain', lexer.start < 0)
    lexer.reset()
    lexer.pos = end
    return true
  }

  /** Skips the rest of the line, because psql reads the data from the next line on. */
  private restOfCopyLine(final: boolean): boolean {
    const newline = this.buffer.indexOf(byte.newline, this.base)
    if (newline < 0 && !final) return false
    const end = newline < 0 ? this.buffer.length : newline + 1
    if (!/^\s*(--.*)?$/s.test(this.buffer.toString('latin1', this.base, end)))
      throw gluedToCopy(this.options.file, this.place)
    if (newline < 0) return false
    this.emit('blank', end)
    this.state = 'data'
    this.dataAtLineStart = true
    return true
  }

  private data(final: boolean): boolean {
    const {buffer, base} = this
    for (let from = base; ; from += copyEnd.length) {
      from = buffer.indexOf(copyEnd, from)
      if (from < 0) break
      if (!this.beginsLine(from)) continue
      const end = endOfEndLine(buffer, from)
      if (end < 0) continue
      if (end > buffer.length && !final) return this.emitData(from)
      this.emitData(from)
      this.emit('copyEnd', Math.min(end, buffer.length))
      this.state = 'sql'
      this.lexer.pos = this.base
      return true
    }
    const cut = !final && buffer.at(-1) === byte.backslash && this.beginsLine(buffer.length - 1)
    return this.emitData(buffer.length - (cut ? 1 : 0))
  }

  private beginsLine(index: number): boolean {
    return index === this.base ? this.dataAtLineStart : this.buffer[index - 1] === byte.newline
  }

  private emitData(end: number): false {
    if (end > this.base) {
      this.dataAtLineStart = this.buffer[end - 1] === byte.newline
      this.emit('copyData', end)
    }
    return false
  }

  private emit(
    kind: PieceKind,
    end: number,
    start = kind === 'blank' ? end - this.base : 0,
    statement: StatementClass = 'plain',
    complete = true,
  ): void {
    const {base, buffer, place, offset} = this
    advance(place, buffer, base, base + start)
    const {line, column} = place
    advance(place, buffer, base + start, end)
    this.pieces.push(new BufferPiece(buffer, base, end - base, kind, offset, start, line, column, statement, complete))
    this.offset += end - base
    this.base = end
  }
}

/** The end of a line `\.`; -1 if it is another line; beyond the bytes if more are needed. */
function endOfEndLine(buffer: Buffer, from: number): number {
  const next = from + copyEnd.length
  const at = buffer[next] === byte.carriageReturn ? next + 1 : next
  return at >= buffer.length || buffer[at] === byte.newline ? at + 1 : -1
}
