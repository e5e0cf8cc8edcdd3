import {isUtf8} from 'node:buffer'
import {noBytes} from './characters.js'

/** A byte that Postgres accepts in no text: its position and the kind of fault. */
export interface TextFault {
  index: number
  fault: 'nul' | 'utf8'
}

/**
 * Checks that the chunks of a file are UTF-8 without NUL bytes. The server would refuse both (SQLSTATE 22021), but it does
 * not know the position in the file, and a NUL byte would end the message.
 */
export class TextCheck {
  /** The first bytes of a character that continues in the next chunk. */
  private cut: Buffer = noBytes

  /** Returns the first fault. Its index counts from the start of the chunk, and is negative in a character that began earlier. */
  push(chunk: Buffer): TextFault | undefined {
    const nul = chunk.indexOf(0)
    const held = this.cut.length
    const bytes = held > 0 ? Buffer.concat([this.cut, chunk]) : chunk
    const whole = bytes.length - cutLength(bytes)
    if (!isUtf8(bytes.subarray(0, whole))) {
      const index = firstInvalid(bytes.subarray(0, whole)) - held
      if (nul < 0 || index < nul) return {index, fault: 'utf8'}
    }
    this.cut = whole < bytes.length ? Buffer.from(bytes.subarray(whole)) : noBytes
    return nul < 0 ? undefined : {index: nul, fault: 'nul'}
  }

  /** Must be called at the end of the file. The index counts from there, so it is negative. */
  end(): TextFault | undefined {
    return this.cut.length > 0 ? {index: -this.cut.length, fault: 'utf8'} : undefined
  }
}

/** The length of a character, by its first byte; 0 if the byte cannot begin a character. */
function announced(first: number): number {
  if (first < 0x80) return 1
  if (first >= 0xc2 && first <= 0xdf) return 2
  if (first >= 0xe0 && first <= 0xef) return 3
  if (first >= 0xf0 && first <= 0xf4) return 4
  return 0
}

/** The number of bytes of an incomplete character at the end. */
function cutLength(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const code = bytes[bytes.length - back]!
    if ((code & 0xc0) !== 0x80) return announced(code) > back ? back : 0
  }
  return 0
}

/** The position of the first invalid character; there must be one. */
function firstInvalid(bytes: Buffer): number {
  let low = 0
  let high = bytes.length
  // The bytes before `low` are always whole characters, because each half begins at a character.
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
