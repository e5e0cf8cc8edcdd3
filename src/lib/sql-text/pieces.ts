import {type Jump, type LineColumn, placeAfter} from './search.js'
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

/** What few segments have. */
export interface PieceExtra {
  /** Where the bytes are not those of the file, because variables were replaced or psql commands left out. */
  jumps?: readonly Jump[]
  /** For a psql command: the incomplete statement before it. */
  query?: BufferPiece | undefined
  /** For a statement: whether it ends with psql's `\\;`, so that it is sent in one message with the next one. */
  joined?: boolean
  /** For a statement: whether another one has made it, so that its text is in no file. */
  computed?: boolean
}

const nothing: PieceExtra = {}

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
    readonly extra: PieceExtra = nothing,
  ) {}

  get query(): BufferPiece | undefined {
    return this.extra.query
  }

  /** The place in the file of the byte at `index`. */
  placeAt(index: number): LineColumn {
    return placeAfter(this, this.bytes, this.start, index, this.extra.jumps)
  }

  get bytes(): Buffer {
    return this.buffer.subarray(this.from, this.from + this.length)
  }
}

/** A statement that is not in a file. All its errors are reported at the given location. */
export function madeUp(statement: string, {line, column}: LineColumn): BufferPiece {
  const bytes = Buffer.from(statement)
  return new BufferPiece(bytes, 0, bytes.length, 'statement', 0, bytes.length, line, column, 'plain', true)
}

/** A statement of a text that is not in a file, like {@link madeUp}. */
export function computed(piece: BufferPiece, {line, column}: LineColumn): BufferPiece {
  const {buffer, from, length, offset, start, statement} = piece
  const jumps = [{from: 0, to: Infinity, surplus: 0, line, column}]
  const extra = {jumps, computed: true}
  return new BufferPiece(buffer, from, length, 'statement', offset, start, line, column, statement, false, extra)
}

/** So much of a statement is shown that is in no file. */
const shownLength = 500

/** The text of a statement that another one has made, as a line for an error. */
export function computedText({bytes, start, extra}: BufferPiece): string[] {
  return extra.computed === true ? [`The statement: ${bytes.toString('utf8', start).trim().slice(0, shownLength)}`] : []
}
