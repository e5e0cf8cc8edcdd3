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

/**
 * The end of a number with its exponent, so that the `e` in 1e5 is not a word (rule {real}); undefined if it needs more
 * bytes.
 */
export function numberEnd(buffer: Buffer, at: number, final: boolean): number | undefined {
  let to = at + 1
  while (to < buffer.length && (kinds[buffer[to]!] === kind.digit || buffer[to] === byte.dot)) to++
  const exponent = (buffer[to]! | 0x20) === 0x65
  if (!final && (to === buffer.length || (exponent && to + 2 >= buffer.length))) return undefined
  if (!exponent) return to
  const signed = buffer[to + 1] === byte.plus || buffer[to + 1] === byte.minus
  const digits = to + (signed ? 2 : 1)
  return kinds[buffer[digits] ?? 0] === kind.digit ? digits + 1 : to
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

/** A part of a buffer that is not the file's, from `from` to `to`, and the place in the file after it. */
export interface Jump extends LineColumn {
  from: number
  to: number
  /** How many bytes longer it is than the part of the file that it replaces. */
  surplus: number
}

const noJumps: readonly Jump[] = []

/** The place of `index`, if `place` is that of `from`. Inside a jump, it is the place where that begins. */
export function placeAfter(
  place: LineColumn,
  buffer: Buffer,
  from: number,
  index: number,
  jumps: readonly Jump[] = noJumps,
): LineColumn {
  const at = {line: place.line, column: place.column}
  let [begin, end] = [from, index]
  for (const jump of jumps) {
    if (jump.to <= from && jump.from < from) continue
    if (index < jump.to) {
      end = Math.min(index, jump.from)
      break
    }
    begin = jump.to
    at.line = jump.line
    at.column = jump.column
  }
  if (end > begin) advance(at, buffer, begin, end)
  return at
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

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf])

/** The length of the byte-order mark at the beginning of a text, or 0; undefined if it needs more bytes. */
export function markLength(buffer: Buffer, final: boolean): number | undefined {
  const length = Math.min(buffer.length, byteOrderMark.length)
  if (length === 0) return undefined
  if (buffer.compare(byteOrderMark, 0, length, 0, length) !== 0) return 0
  if (length === byteOrderMark.length) return length
  return final ? 0 : undefined
}
