import type {LineColumn} from './search.js'
import {openSource} from './source.js'

/** A place in a text file; line and column count from 1, the column in characters. */
export interface Place extends LineColumn {
  /** Empty where the text is in no file: a person has just typed it. */
  file: string
  /** The line's text; empty where the file cannot be read a second time. */
  text: string
  /** Where the files that include this one do so, the innermost first. */
  includedFrom?: {file: string; line: number}[]
}

const longestLine = 64 * 1024

/**
 * The text of a line of a file, gzipped or not, by reading the file again: an error happens once, and keeping lines for
 * it would cost every run. Empty for a file that can be read only once, a pipe say.
 */
export async function readLine(path: string, line: number): Promise<string> {
  const parts: Buffer[] = []
  let current = 1
  try {
    for await (const chunk of openSource(path, {regularOnly: true}).chunks) {
      let from = 0
      for (; current < line && from < chunk.length; from++) if (chunk[from] === 0x0a) current++
      if (current < line) continue
      const end = chunk.indexOf(0x0a, from)
      parts.push(chunk.subarray(from, end < 0 ? undefined : end))
      if (end >= 0 || parts.reduce((sum, part) => sum + part.length, 0) > longestLine) break
    }
  } catch {
    // The error that is being reported matters more than this line.
  }
  return Buffer.concat(parts)
    .subarray(0, longestLine)
    .toString()
    .replace(/\r$/, '')
    .replace(/^\ufeff/, '')
}

/** The cells a character takes on a terminal: 2 for East Asian wide ones and emoji, 0 for those that join others. */
function cells(character: string): number {
  if (/\p{Mark}|\u200d|\ufe0f/u.test(character)) return 0
  return /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}]|[\u{20000}-\u{3fffd}]/u.test(
    character,
  )
    ? 2
    : 1
}

/**
 * The place as a terminal shows it: `file:line:column`, the line with a caret under the column, the including files. Of
 * a line that is wider than `width` the part around the column is shown.
 */
export function showPlace({file, line, column, text, includedFrom = []}: Place, width = 120): string {
  const lines = file === '' ? [] : [`  ${file}:${line}:${column}`]
  if (text !== '') {
    const number = `${line} | `
    const room = Math.max(20, width - number.length - 2)
    const characters = [...text.replaceAll(/[^\P{Cc}\t]/gu, '?')]
    const from = windowStart(characters, column - 1, room)
    const before = characters.slice(from, column - 1)
    let left = room
    const shown = characters.slice(from).filter((character) => (left -= cells(character)) >= 0)
    // A tab stays one, so that the caret stands under the character whatever a tab's width is.
    const indent = before.map((character) => (character === '\t' ? '\t' : ' '.repeat(cells(character)))).join('')
    lines.push(`  ${number}${shown.join('')}`, `  ${' '.repeat(number.length)}${indent}^`)
  }
  lines.push(...includedFrom.map((place) => `  included from ${place.file}:${place.line}`))
  return lines.join('\n')
}

/** Where to begin a line that does not fit, so that `index` comes into the middle of the room. */
function windowStart(characters: string[], index: number, room: number): number {
  const width = characters.reduce((sum, character) => sum + cells(character), 0)
  if (width <= room) return 0
  let from = Math.min(index, characters.length)
  for (let left = room >> 1; from > 0; from--) {
    left -= cells(characters[from - 1] ?? '')
    if (left < 0) break
  }
  return from
}
