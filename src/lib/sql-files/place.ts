import {decoderOf, type EncodingChange} from '../sql-text/encodings.js'
import type {LineColumn} from '../sql-text/search.js'
import {maskControls, showControls} from '../text/controls.js'
import {openSource, sourceOf} from './source.js'
import type {ScriptInput} from './sql-file.js'

/** A location in a text file. Line and column count from 1, the column in characters. */
export interface Place extends LineColumn {
  /** Empty if the text was typed and is in no file. */
  file: string
  /** The text of the line; empty if the file cannot be read again. */
  text: string
  /** The including files with their lines, innermost first. */
  includedFrom?: {file: string; line: number}[]
}

const maxShownColumns = 64 * 1024

/**
 * Reads the text of a line, in the encoding that the file has there. It reads the file again, because keeping lines would
 * slow down every run. Empty if the file can be read only once, for example a pipe.
 */
export async function readLine(
  {path, content}: Pick<ScriptInput, 'path' | 'content'>,
  line: number,
  encodings: readonly EncodingChange[] = [],
): Promise<string> {
  const parts: Buffer[] = []
  let current = 1
  const source = content === undefined ? openSource(path, {regularOnly: true}) : sourceOf(content)
  try {
    for await (const chunk of source.chunks) {
      let from = 0
      for (; current < line && from < chunk.length; from++) if (chunk[from] === 0x0a) current++
      if (current < line) continue
      const end = chunk.indexOf(0x0a, from)
      parts.push(chunk.subarray(from, end < 0 ? undefined : end))
      if (end >= 0 || parts.reduce((sum, part) => sum + part.length, 0) > maxShownColumns) break
    }
  } catch {
    // The line is only decoration for the error that is being reported.
  }
  const bytes = Buffer.concat(parts).subarray(0, maxShownColumns)
  const encoding = encodings.filter((change) => change.line <= line).at(-1)?.name
  return (decoderOf(encoding)?.decode(bytes) ?? bytes)
    .toString()
    .replace(/\r$/, '')
    .replace(/^\ufeff/, '')
}

/** The width of a character on a terminal: 2 for East Asian wide characters and emoji, 0 for combining ones. */
function cells(character: string): number {
  if (/\p{Mark}|\u200d|\ufe0f/u.test(character)) return 0
  return /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}]|[\u{20000}-\u{3fffd}]/u.test(
    character,
  )
    ? 2
    : 1
}

/**
 * Renders a location: `file:line:column`, the line with a caret under the column, and the including files. Of a line wider
 * than `width`, only the part around the column is shown.
 */
export function showPlace({file, line, column, text, includedFrom = []}: Place, width = 120): string {
  const lines = file === '' ? [] : [`  ${showControls(file)}:${line}:${column}`]
  if (text !== '') {
    const number = `${line} | `
    const room = Math.max(20, width - number.length - 2)
    const characters = [...maskControls(text)]
    const from = windowStart(characters, column - 1, room)
    const before = characters.slice(from, column - 1)
    let left = room
    const shown = characters.slice(from).filter((character) => (left -= cells(character)) >= 0)
    // Tabs are kept, so that the caret is right for any tab width.
    const indent = before.map((character) => (character === '\t' ? '\t' : ' '.repeat(cells(character)))).join('')
    lines.push(`  ${number}${shown.join('')}`, `  ${' '.repeat(number.length)}${indent}^`)
  }
  lines.push(...includedFrom.map((place) => `  included from ${showControls(place.file)}:${place.line}`))
  return lines.join('\n')
}

/** The first character to show of a line that does not fit, so that `index` is in the middle. */
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
