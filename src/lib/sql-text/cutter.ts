import {faultInText} from './faults.js'
import type {Lexer} from './lexer.js'
import {BufferPiece, type PieceExtra, type PieceKind} from './pieces.js'
import {advance} from './search.js'
import {Window} from './window.js'
import type {StatementClass} from './words.js'

/** So much of a statement tells how it is handled; a setting is never longer. */
export const headLength = 200

/** Cuts segments off the front of a window, with their places in the file. */
export class Cutter {
  readonly window = new Window()
  /** The last segment, until it is taken. */
  piece: BufferPiece | undefined

  constructor(private readonly file: string) {}

  /** A place for what happens now. */
  at(position: number): BufferPiece {
    const {line, column} = this.window.placeOf(position)
    return new BufferPiece(this.window.buffer, position, 0, 'blank', this.window.offset, 0, line, column, 'plain', true)
  }

  /** The incomplete statement before a psql command. */
  queryIn({start, pos, words}: Lexer): BufferPiece | undefined {
    const {window} = this
    if (start < 0) return undefined
    const {line, column} = window.placeOf(start)
    const text = () => window.buffer.toString('latin1', start, Math.min(pos, start + headLength))
    const jumps = window.jumpsIn(start, pos)
    const offset = window.offset + start - window.base
    return new BufferPiece(
      window.buffer,
      start,
      pos - start,
      'statement',
      offset,
      0,
      line,
      column,
      words.classify(text),
      false,
      {jumps},
    )
  }

  /**
   * Throws an error if there is a byte before `end` that Postgres accepts in no text.
   * @throws ConfigurationError (`script_not_utf8`, `script_nul_byte`)
   */
  checkTo(end: number): void {
    const {window, file} = this
    if (window.fault === undefined || window.fault.index >= end) return
    const {index, fault} = window.fault
    const bytes = window.buffer.subarray(Math.max(index, 0), index + 4)
    throw faultInText(file, fault, window.placeOf(index), window.offset + index - window.base, bytes)
  }

  /** Cuts a segment up to `end`. */
  emit(
    kind: PieceKind,
    end: number,
    start = kind === 'blank' ? end - this.window.base : 0,
    statement: StatementClass = 'plain',
    complete = true,
    extra?: PieceExtra,
  ): void {
    const {window} = this
    if (window.fault !== undefined) this.checkTo(end)
    const {base, buffer, offset} = window
    if (!window.plain) return this.emitJumping(kind, end, start, statement, complete, extra)
    const {place} = window
    advance(place, buffer, base, base + start)
    const {line, column} = place
    advance(place, buffer, base + start, end)
    window.base = end
    window.offset += end - base
    this.piece = new BufferPiece(
      buffer,
      base,
      end - base,
      kind,
      offset,
      start,
      line,
      column,
      statement,
      complete,
      extra,
    )
  }

  /** Cuts a segment whose bytes are not all those of the file. */
  private emitJumping(
    kind: PieceKind,
    end: number,
    start: number,
    statement: StatementClass,
    complete: boolean,
    extra: PieceExtra | undefined,
  ): void {
    const {window} = this
    const {base, buffer, offset} = window
    const {line, column} = window.placeOf(base + start)
    const jumps = window.cut(end, window.placeOf(end))
    const facts = jumps === undefined ? extra : {...extra, jumps}
    const length = end - base
    this.piece = new BufferPiece(buffer, base, length, kind, offset, start, line, column, statement, complete, facts)
  }
}
