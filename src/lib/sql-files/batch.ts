import {byte, noBytes} from '../sql-text/characters.js'
import type {EncodingChange} from '../sql-text/encodings.js'
import type {BufferPiece} from '../sql-text/pieces.js'
import type {LineColumn} from '../sql-text/search.js'
import {type Edit, placeBefore} from './database-name.js'

/** A file that is being run. */
export interface ScriptFile {
  path: string
  /** The path for error messages. */
  name: string
  includedFrom: {file: string; line: number}[]
  /** Its bytes, if they are not those at the path. */
  content?: Buffer | undefined
  /** Where its encoding is set; it begins in UTF-8. */
  encodings?: readonly EncodingChange[]
}

/** A statement and its file. */
export interface Queued {
  piece: BufferPiece
  script: ScriptFile
  /** The original statement, if it is sent with another database name; errors refer to the original. */
  source?: {piece: BufferPiece; edits: Edit[]}
}

/** Statements that run together, and for how long. */
export interface RunningStatements {
  file: string
  line: number
  /** Where the last one begins. */
  lastLine: number
  seconds: number
}

const semicolon = Buffer.from('\n;')

/** Statements that are sent in one message, with their positions in the files. */
export class Batch {
  size = 0
  private readonly queued: Queued[] = []
  private text: Buffer = Buffer.alloc(0)
  private begin: Buffer = noBytes
  /** The number of statements that are not of a file and are sent first. */
  own = 0

  get length(): number {
    return this.queued.length
  }

  add(queued: Queued): void {
    this.queued.push(queued)
    this.size += queued.piece.length
  }

  /** Builds the message. `first` are statements to put before it, which saves round trips. */
  build(first: readonly string[] = []): Buffer {
    const begin = first.length === 0 ? noBytes : Buffer.from(`${first.join(';\n')};\n`)
    this.own = first.length
    const parts = joinViews(this.queued)
    if (this.queued.at(-1)?.piece.complete === false) parts.push(semicolon)
    if (begin.length > 0) parts.unshift(begin)
    this.begin = begin
    this.text = parts.length === 1 ? parts[0]! : Buffer.concat(parts)
    return this.text
  }

  /** Where its statements are, which run for so many seconds. */
  places(seconds: number): RunningStatements | undefined {
    const [first] = this.queued
    const last = this.queued.findLast(({script}) => script === first?.script)
    if (first === undefined || last === undefined) return undefined
    return {file: first.script.name, line: first.piece.line, lastLine: last.piece.line, seconds}
  }

  /** The statements, each as it is sent. */
  get statements(): Buffer[] {
    return this.queued.map(({piece}) => (piece.complete ? piece.bytes : Buffer.concat([piece.bytes, semicolon])))
  }

  /**
   * Finds the location of an error: at the server's `position`, in characters of the message from 1, or without one, at
   * the statement after the `completed` ones.
   */
  locate(position: number | undefined, completed: number): (Queued & {at: LineColumn}) | undefined {
    let offset = this.begin.length
    if (position === undefined) {
      const queued = this.queued[Math.max(completed - this.own, 0)] ?? this.queued.at(-1)
      return queued && {...queued, at: placeIn(queued, 0)}
    }
    const index = byteOfCharacter(this.text, position)
    for (const queued of this.queued) {
      const end = offset + queued.piece.length
      if (index < end || queued === this.queued.at(-1))
        return {...queued, at: placeIn(queued, Math.min(index, end) - offset)}
      offset = end
    }
    return undefined
  }
}

/** The bytes of the statements. Adjacent ones in the same buffer, which is the usual case, become one view. */
function joinViews(queued: Queued[]): Buffer[] {
  const views: {buffer: Buffer; from: number; to: number}[] = []
  for (const {
    piece: {buffer, from, length},
  } of queued) {
    const last = views.at(-1)
    if (last?.buffer === buffer && last.to === from) last.to += length
    else views.push({buffer, from, to: from + length})
  }
  return views.map(({buffer, from, to}) => buffer.subarray(from, to))
}

function placeIn({piece, source}: Queued, index: number): LineColumn {
  const written = source?.piece ?? piece
  const {bytes, start} = written
  // For an error at the end of input, point to the end of the last token, not to the blanks after it.
  let end = source ? placeBefore(source.edits, index) : index
  if (end === bytes.length)
    while (end > start && (bytes[end - 1]! <= byte.space || bytes[end - 1] === byte.semicolon)) end--
  return written.placeAt(end)
}

function byteOfCharacter(text: Buffer, position: number): number {
  let characters = 0
  for (let index = 0; index < text.length; index++) {
    if ((text[index]! & 0xc0) !== 0x80 && ++characters === position) return index
  }
  return text.length
}
