import type {LineColumn} from './search.js'
import type {StatementClass} from './words.js'

/** The kind of a segment of a script. */
export type PieceKind =
  /** A statement with its semicolon, which may be missing at the end of the file. */
  | 'statement'
  /** A part of the data of the COPY … FROM STDIN before it. There may be many. */
  | 'copyData'
  /** The line `\.` after the data. */
  | 'copyEnd'
  /** A psql command: from a backslash outside quotes and comments to the end of the line. */
  | 'psql'
  /** Nothing to run: blanks, comments, a byte-order mark, or a single semicolon. */
  | 'blank'

/** A segment of a script. The `bytes` of all segments together are the bytes of the file. */
export interface Piece {
  kind: PieceKind
  /** The segment with the blanks and comments before it. It is a view of the pushed bytes and must not be changed. */
  readonly bytes: Buffer
  /** The length of `bytes`. */
  length: number
  /** The position of `bytes` in the file, in bytes. */
  offset: number
  /** The position of the first token in `bytes`, after blanks and comments. */
  start: number
  /** The line of the first token, from 1. */
  line: number
  /** The column of the first token, from 1, in characters. */
  column: number
  /** How to run a statement; `plain` for other kinds. */
  statement: StatementClass
  /** For a statement: whether it has its semicolon. For a psql command: whether it is not inside a statement. */
  complete: boolean
}

/** A segment whose view of the bytes is created on demand, because most are sent together with adjacent ones. */
export class BufferPiece implements Piece {
  constructor(
    readonly buffer: Buffer,
    readonly from: number,
    readonly length: number,
    readonly kind: PieceKind,
    readonly offset: number,
    readonly start: number,
    readonly line: number,
    readonly column: number,
    readonly statement: StatementClass,
    readonly complete: boolean,
  ) {}

  get bytes(): Buffer {
    return this.buffer.subarray(this.from, this.from + this.length)
  }
}

/** A statement that is not in a file. All its errors are reported at the given location. */
export function madeUp(statement: string, {line, column}: LineColumn): BufferPiece {
  const bytes = Buffer.from(statement)
  return new BufferPiece(bytes, 0, bytes.length, 'statement', 0, bytes.length, line, column, 'plain', true)
}
