import {byte, kind, kinds} from './characters.js'

/** For a distance up to this, a loop is faster than indexOf. */
const nearby = 48

/** The next position of `code` from `from` on; the length of the buffer if there is none. */
export function find(buffer: Buffer, code: number, from: number): number {
  const near = Math.min(from + nearby, buffer.length)
  for (let at = from; at < near; at++) if (buffer[at] === code) return at
  const found = near < buffer.length ? buffer.indexOf(code, near) : -1
  return found < 0 ? buffer.length : found
}

/** The end of a line comment: the next newline or carriage return, or the end of the bytes. */
export function lineEnd(buffer: Buffer, from: number): number {
  let at = from
  while (at < buffer.length && buffer[at] !== byte.newline && buffer[at] !== byte.carriageReturn) at++
  return at
}

/**
 * Whether there are only blanks, line comments and at least one line end between `from` and `to`, as between the parts of
 * one string ({whitespace_with_newline} in psqlscan.l).
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

/** A location in a text. Both count from 1; the column counts code points, as Postgres does. */
export interface LineColumn {
  line: number
  column: number
}

/** Advances `place` over the bytes from `from` to `to`. */
export function advance(place: LineColumn, buffer: Buffer, from: number, to: number): void {
  let lineStart = from
  const end = Math.min(to, from + nearby)
  for (let at = from; at < end; at++) if (buffer[at] === byte.newline) lineStart = newLine(place, at)
  if (end < to) {
    // The view prevents indexOf, which is much faster than a loop, from reading beyond `to`.
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
