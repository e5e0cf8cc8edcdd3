import {byte, kind, kinds} from './characters.js'

/** Within so many bytes a loop finds a byte sooner than a call of indexOf does. */
const nearby = 48

/** Where `code` is next at or after `from`; the buffer's length where it is not in it. */
export function find(buffer: Buffer, code: number, from: number): number {
  const near = Math.min(from + nearby, buffer.length)
  for (let at = from; at < near; at++) if (buffer[at] === code) return at
  const found = near < buffer.length ? buffer.indexOf(code, near) : -1
  return found < 0 ? buffer.length : found
}

/** Where a line comment that reaches `from` ends: on the next newline or carriage return, or at the end of the bytes. */
export function lineEnd(buffer: Buffer, from: number): number {
  let at = from
  while (at < buffer.length && buffer[at] !== byte.newline && buffer[at] !== byte.carriageReturn) at++
  return at
}

/**
 * Whether nothing but blanks and line comments, and a line end among them, is between `from` and `to`: what may stand
 * between the parts of one string ({whitespace_with_newline} of psqlscan.l).
 */
export function hasLineEndOnly(buffer: Buffer, from: number, to: number): boolean {
  let found = false
  for (let at = from; at < to; at++) {
    const code = buffer[at]!
    if (code === byte.newline || code === byte.carriageReturn) found = true
    else if (code === byte.minus && buffer[at + 1] === byte.minus) at = lineEnd(buffer, at) - 1
    else if (kinds[code] !== kind.blank) return false
  }
  return found
}

/** A place in a text: both from 1, the column in characters (code points, as Postgres counts positions). */
export interface LineColumn {
  line: number
  column: number
}

/** Moves `place` on over the bytes from `from` to `to`. */
export function advance(place: LineColumn, buffer: Buffer, from: number, to: number): void {
  let lineStart = from
  const end = Math.min(to, from + nearby)
  for (let at = from; at < end; at++) if (buffer[at] === byte.newline) lineStart = newLine(place, at)
  if (end < to) {
    // The view keeps indexOf, which is many times faster than a loop, from reading on behind `to`.
    const rest = buffer.subarray(end, to)
    for (let at = rest.indexOf(byte.newline); at >= 0; at = rest.indexOf(byte.newline, at + 1))
      lineStart = newLine(place, end + at)
  }
  place.column += countCharacters(buffer, lineStart, to)
}

function newLine(place: LineColumn, at: number): number {
  place.line++
  place.column = 1
  return at + 1
}

/** The number of UTF-8 characters that begin between `from` and `to`. */
export function countCharacters(buffer: Buffer, from: number, to: number): number {
  let count = 0
  for (let at = from; at < to; at++) if ((buffer[at]! & 0xc0) !== 0x80) count++
  return count
}
