import textWidth from 'string-width'
import {withoutControls} from './controls.js'
import {graphemesOf} from './graphemes.js'
import {printable} from './table.js'

/** Wraps a text to lines that fit into `room` columns, without control characters. */
export function wrap(text: string, room: number): string[] {
  const width = Math.max(1, room)
  const clean = withoutControls(text.replaceAll('\t', '  ').replace(/\r\n?/g, '\n'))
  return clean.split('\n').flatMap((line) => (printable.test(line) ? chunks(line, width) : wideChunks(line, width)))
}

function chunks(line: string, width: number): string[] {
  const count = Math.max(1, Math.ceil(line.length / width))
  return Array.from({length: count}, (_, index) => line.slice(index * width, (index + 1) * width))
}

function wideChunks(line: string, width: number): string[] {
  const lines: string[] = []
  let current = ''
  let used = 0
  for (const character of graphemesOf(line)) {
    const columns = printable.test(character) ? 1 : textWidth(character)
    if (used + columns > width && current !== '') {
      lines.push(current)
      current = ''
      used = 0
    }

    current += character
    used += columns
  }

  return [...lines, current]
}
