import {byte} from './characters.js'

const copyEnd = Buffer.from('\\.')

/** A part of COPY data, or the line that ends them, up to `end`. */
export interface DataPart {
  kind: 'copyData' | 'copyEnd'
  end: number
}

/** Finds the end of COPY data in chunks of any size (handleCopyIn in psql's copy.c). */
export class CopyData {
  private atLineStart = true

  /** Must be called before new data. */
  begin(): void {
    this.atLineStart = true
  }

  /** The next part from `base` on; undefined if it needs more bytes. */
  next(buffer: Buffer, base: number, final: boolean): DataPart | undefined {
    for (let from = base; ; from += copyEnd.length) {
      from = buffer.indexOf(copyEnd, from)
      if (from < 0) break
      if (!this.beginsLine(buffer, base, from)) continue
      const end = endOfEndLine(buffer, from)
      if (end < 0) continue
      if (from > base) return this.data(buffer, from)
      if (end > buffer.length && !final) return undefined
      return {kind: 'copyEnd', end: Math.min(end, buffer.length)}
    }
    const cut = !final && buffer.at(-1) === byte.backslash && this.beginsLine(buffer, base, buffer.length - 1)
    const end = buffer.length - (cut ? 1 : 0)
    return end > base ? this.data(buffer, end) : undefined
  }

  private data(buffer: Buffer, end: number): DataPart {
    this.atLineStart = buffer[end - 1] === byte.newline
    return {kind: 'copyData', end}
  }

  private beginsLine(buffer: Buffer, base: number, index: number): boolean {
    return index === base ? this.atLineStart : buffer[index - 1] === byte.newline
  }
}

/** The end of a line `\.`; -1 if it is another line; beyond the bytes if more are needed. */
function endOfEndLine(buffer: Buffer, from: number): number {
  const next = from + copyEnd.length
  const at = buffer[next] === byte.carriageReturn ? next + 1 : next
  return at >= buffer.length || buffer[at] === byte.newline ? at + 1 : -1
}
