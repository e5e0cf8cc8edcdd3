import type {LineColumn} from './search.js'
import type {StatementClass} from './words.js'

/** What a piece of a script is. */
export type PieceKind =
  /** A statement with its semicolon, which the last one of a file may lack. */
  | 'statement'
  /** Data of the COPY … FROM STDIN before it, as long as the chunk it came in at most: any number of these may follow. */
  | 'copyData'
  /** The line `\.` after the data. */
  | 'copyEnd'
  /** A line that is for psql: a backslash outside of quotes and comments, up to the line's end. */
  | 'psql'
  /** Nothing to run: blanks, comments, a byte-order mark, a semicolon with nothing before it. */
  | 'blank'

/** A piece of a script. The `bytes` of all pieces in their order are the bytes of the file. */
export interface Piece {
  kind: PieceKind
  /** The piece with the blanks and comments before it. A view of the bytes that were pushed: not to be changed. */
  readonly bytes: Buffer
  /** The length of `bytes`. */
  length: number
  /** Where `bytes` begins in the file, in bytes. */
  offset: number
  /** Where in `bytes` the first token is, after blanks and comments. */
  start: number
  /** The line of the first token, from 1. */
  line: number
  /** The column of the first token, from 1, in characters. */
  column: number
  /** How a statement is to be run; `plain` for every other kind. */
  statement: StatementClass
  /** Of a statement: that its semicolon is there. Of a psql line: that it is not in the middle of a statement. */
  complete: boolean
}

/** A piece whose view of the bytes is made only when it is asked for: most are sent together with their neighbours. */
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

/** A statement that stands in no file: its errors are all at the place that it was made for. */
export function madeUp(statement: string, {line, column}: LineColumn): BufferPiece {
  const bytes = Buffer.from(statement)
  return new BufferPiece(bytes, 0, bytes.length, 'statement', 0, bytes.length, line, column, 'plain', true)
}
