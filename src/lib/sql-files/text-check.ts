import {isUtf8} from 'node:buffer'

/** A byte that no Postgres text can hold: where it is in the bytes checked, and which of the two faults it is. */
export interface TextFault {
  index: number
  fault: 'nul' | 'utf8'
}

const nothing = Buffer.alloc(0)

/**
 * Checks that the chunks of a file are UTF-8 without a NUL byte, characters that are cut by a chunk's end included.
 * The server would refuse both (SQLSTATE 22021), but it can neither say where in the file they are nor be reached by a
 * message with a NUL in it, which ends the text there.
 */
export class TextCheck {
  /** The first bytes of a character whose end has not come yet. */
  private cut: Buffer = nothing

  /** The first fault; its index counts from the chunk's first byte and is negative in a character begun before it. */
  push(chunk: Buffer): TextFault | undefined {
    const nul = chunk.indexOf(0)
    const held = this.cut.length
    const bytes = held > 0 ? Buffer.concat([this.cut, chunk]) : chunk
    const whole = bytes.length - cutLength(bytes)
    if (!isUtf8(bytes.subarray(0, whole))) {
      const index = firstInvalid(bytes.subarray(0, whole)) - held
      if (nul < 0 || index < nul) return {index, fault: 'utf8'}
    }
    this.cut = whole < bytes.length ? Buffer.from(bytes.subarray(whole)) : nothing
    return nul < 0 ? undefined : {index: nul, fault: 'nul'}
  }

  /** To be called at the end of the file; the index counts from there, so it is negative. */
  end(): TextFault | undefined {
    return this.cut.length > 0 ? {index: -this.cut.length, fault: 'utf8'} : undefined
  }
}

/** The length that the first byte of a character announces; 0 for a byte that begins none. */
function announced(first: number): number {
  if (first < 0x80) return 1
  if (first >= 0xc2 && first <= 0xdf) return 2
  if (first >= 0xe0 && first <= 0xef) return 3
  if (first >= 0xf0 && first <= 0xf4) return 4
  return 0
}

/** How many bytes at the end begin a character that is not there as a whole. */
function cutLength(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const code = bytes[bytes.length - back]!
    if ((code & 0xc0) !== 0x80) return announced(code) > back ? back : 0
  }
  return 0
}

/** Where the first character that is not UTF-8 begins, in bytes that are known to hold one. */
function firstInvalid(bytes: Buffer): number {
  let low = 0
  let high = bytes.length
  // The bytes before `low` are whole characters; halving at a character's first byte keeps that so.
  while (high - low > 8) {
    let middle = (low + high) >> 1
    while (middle > low && (bytes[middle]! & 0xc0) === 0x80) middle--
    if (middle === low) break
    if (isUtf8(bytes.subarray(low, middle))) low = middle
    else high = middle
  }
  for (let length; low < bytes.length; low += length) {
    length = announced(bytes[low]!)
    if (length === 0 || !isUtf8(bytes.subarray(low, low + length))) return low
  }
  return low
}
