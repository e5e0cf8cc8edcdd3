import textWidth from 'string-width'
import {anyControl, showControls} from '../text/controls.js'

/** One line of a cell and its width on a terminal. */
export interface CellLine {
  text: string
  width: number
}

const printableAscii = /^[\x20-\x7E]*$/
const tabStop = 8

/**
 * Splits a value into lines for a terminal. Control characters are escaped like in psql (`\\r`, `\\x1B`, `\\u009B`), so
 * that data cannot control the terminal, and tabs become spaces.
 */
export function cellLines(value: string): CellLine[] {
  if (printableAscii.test(value)) return [{text: value, width: value.length}]
  return value.split('\n').map((line) => {
    const text = printableAscii.test(line) ? line : visible(line)
    return {text, width: printableAscii.test(text) ? text.length : textWidth(text)}
  })
}

/** Escapes control characters in a line of text. */
export function visible(line: string): string {
  let text = ''
  for (const part of line.split(anyControl)) {
    if (part === '\t') text += ' '.repeat(tabStop - (textWidth(text) % tabStop))
    else text += showControls(part)
  }

  return text
}
