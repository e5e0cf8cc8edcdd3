import {countCharacters, type Jump, type LineColumn, placeAfter} from './search.js'
import type {TextFault} from './text-check.js'

/** A replacement copies this many bytes after it. */
const heldFrom = 8 * 1024

/** The bytes of a file that are not yet cut into segments, with their places in the file. */
export class Window {
  buffer: Buffer = Buffer.alloc(0)
  /** Where the bytes begin that are not yet cut. */
  base = 0
  /** The position of `base` in the file. */
  offset = 0
  place: LineColumn = {line: 1, column: 1}
  /** The memory of `buffer`, which may have free space after it. */
  private storage: Buffer = this.buffer
  /** The first byte that Postgres accepts in no text. It matters when it is cut, because a statement before it may say that it is. */
  fault: TextFault | undefined
  private jumps: Jump[] = []
  /** Bytes after the buffer, so that a replacement does not copy a whole chunk. */
  private held: Buffer | undefined

  /** How many bytes are not yet cut. */
  get length(): number {
    return this.buffer.length - this.base
  }

  /** All bytes that are not yet cut. */
  get rest(): Buffer {
    return Buffer.concat([this.buffer.subarray(this.base), this.held ?? Buffer.alloc(0)])
  }

  /** Adds bytes. Positions change by the former `base`, which is returned. */
  append(chunk: Buffer): number {
    const rest = this.length
    const moved = this.base
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
    if (this.fault) this.fault.index -= moved
    if (moved > 0 && this.jumps.length > 0)
      this.jumps = this.jumps.map((jump) => ({...jump, from: jump.from - moved, to: jump.to - moved}))
    return moved
  }

  /** Whether there are bytes that {@link appendHeld} adds. */
  get holds(): boolean {
    return this.held !== undefined
  }

  /** Adds bytes that were held back. Positions change like with {@link append}. */
  appendHeld(): number {
    const {held = Buffer.alloc(0)} = this
    this.held = held.length > heldFrom ? held.subarray(heldFrom) : undefined
    return this.append(held.subarray(0, heldFrom))
  }

  /** The place in the file of the byte at `index`, which is not yet cut. */
  placeOf(index: number): LineColumn {
    return placeAfter(this.place, this.buffer, this.base, index, this.jumps)
  }

  /** Replaces bytes that are on one line; the text stands for them when places are counted. */
  replace(from: number, to: number, text: Buffer): void {
    const {line, column} = this.placeOf(from)
    const surplus = text.length - (to - from)
    const place = {line, column: column + countCharacters(this.buffer, from, to)}
    const end = Math.min(this.buffer.length, to + heldFrom)
    const rest = this.buffer.subarray(end)
    if (rest.length > 0) this.held = this.held === undefined ? rest : Buffer.concat([rest, this.held])
    if (this.fault && this.fault.index >= from) this.fault.index += surplus
    this.rebuild([this.buffer.subarray(0, from), text, this.buffer.subarray(to, end)])
    this.jumps.push({from, to: from + text.length, surplus, ...place})
  }

  /** Puts back the beginning of a statement, whose first byte is at `start`, and a line end. What comes next stays in its place. */
  putBack(bytes: Buffer, start: LineColumn, jumps: readonly Jump[]): void {
    const {line, column} = this.place
    const whole = Buffer.concat([bytes, Buffer.from('\n')])
    // The bytes were counted when they were cut.
    const kept = jumps.map((jump) => ({...jump, surplus: jump.to - jump.from}))
    const surplus = whole.length - kept.reduce((sum, jump) => sum + jump.surplus, 0)
    if (this.fault) this.fault.index += whole.length - this.base
    this.rebuild([whole, this.buffer.subarray(this.base)])
    this.base = 0
    this.place = {...start}
    this.jumps = [...kept, {from: bytes.length, to: whole.length, surplus, line, column}]
  }

  /** Replaces all bytes that are not yet cut. Positions count from 0 then. */
  recode(bytes: Buffer): void {
    this.rebuild([bytes])
    this.held = undefined
    this.base = 0
    this.jumps = []
  }

  /** Takes back the last `count` bytes that were cut, and begins at that place again. */
  unread(count: number, place: LineColumn): void {
    this.base -= count
    this.offset -= count
    this.place = place
  }

  /** Cuts the bytes before `end`. Returns the jumps in them. */
  cut(end: number, place: LineColumn): readonly Jump[] | undefined {
    const {base, jumps} = this
    this.place = place
    this.base = end
    this.offset += end - base
    if (jumps.length === 0) return undefined
    const cut = jumps.filter((jump) => jump.from < end)
    this.jumps = jumps.filter((jump) => jump.from >= end)
    this.offset -= cut.reduce((sum, jump) => sum + jump.surplus, 0)
    return cut.length === 0 ? undefined : cut.map((jump) => ({...jump, from: jump.from - base, to: jump.to - base}))
  }

  /** The jumps between two positions, counted from the first. */
  jumpsIn(from: number, to: number): readonly Jump[] {
    return this.jumps
      .filter((jump) => jump.from >= from && jump.from < to)
      .map((jump) => ({...jump, from: jump.from - from, to: jump.to - from}))
  }

  /** Whether places are those of the bytes. */
  get plain(): boolean {
    return this.jumps.length === 0
  }

  private rebuild(parts: Buffer[]): void {
    this.buffer = this.storage = Buffer.concat(parts)
  }
}
