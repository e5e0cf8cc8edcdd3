import textWidth from 'string-width'

/** One line of a cell and its width on a terminal. */
export interface CellLine {
  text: string
  width: number
}

const plain = /^[\x20-\x7E]*$/
const tabStop = 8

/**
 * Splits a value into lines for a terminal. Control characters are escaped like in psql (`\\r`, `\\x1B`, `\\u009B`), so
 * that data cannot control the terminal, and tabs become spaces.
 */
export function cellLines(value: string): CellLine[] {
  if (plain.test(value)) return [{text: value, width: value.length}]
  return value.split('\n').map((line) => {
    const text = plain.test(line) ? line : visible(line)
    return {text, width: plain.test(text) ? text.length : textWidth(text)}
  })
}

/** Escapes control characters in a line of text. */
export function visible(line: string): string {
  let text = ''
  for (const part of line.split(/([\u0000-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069])/)) {
    const code = part.length === 1 ? part.codePointAt(0)! : 0x20
    if (part === '\t') text += ' '.repeat(tabStop - (textWidth(text) % tabStop))
    else if (part === '\r') text += '\\r'
    else if (code < 0x20 || code === 0x7f) text += `\\x${hex(code, 2)}`
    else
      text +=
        (code >= 0x80 && code < 0xa0) || /^[\u200E\u200F\u202A-\u202E\u2066-\u2069]$/.test(part)
          ? `\\u${hex(code, 4)}`
          : part
  }

  return text
}

function hex(code: number, digits: number): string {
  return code.toString(16).toUpperCase().padStart(digits, '0')
}
