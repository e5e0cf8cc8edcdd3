// Draws the screen of a terminal emulator as an SVG without scripts and without embedded fonts.

const cell = {width: 8.4, height: 20}
const margin = 16
const fontSize = 14
/** The sixteen colors of a terminal, from GitHub's dark palette, for the background below. */
const palette = [
  '#6e7681',
  '#ff7b72',
  '#3fb950',
  '#d29922',
  '#58a6ff',
  '#bc8cff',
  '#39c5cf',
  '#c9d1d9',
  '#6e7681',
  '#ffa198',
  '#56d364',
  '#e3b341',
  '#79c0ff',
  '#d2a8ff',
  '#56d4dd',
  '#f0f6fc',
]
const base = {fill: '#0d1117', text: '#c9d1d9', border: '#444c56'}

/** Draws the screen up to its last line with text; `title` describes it for screen readers. */
export function renderScreen(emulator, title) {
  const {active} = emulator.buffer
  const lines = Array.from({length: active.length}, (_, row) => segmentsOf(active.getLine(row)))
  const rows = lines.findLastIndex((segments) => segments.length > 0) + 1
  const width = Math.round(emulator.cols * cell.width + 2 * margin)
  const height = rows * cell.height + 2 * margin
  const text = lines.slice(0, rows).flatMap((segments, row) => segments.map((segment) => textOf(segment, row)))
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escape(title)}</title>
<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" fill="${base.fill}" stroke="${base.border}"/>
<g fill="${base.text}" font-size="${fontSize}" font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace" xml:space="preserve">
${text.join('\n')}
</g>
</svg>
`
}

/** The text of a line in segments of one style, split at gaps of two columns, each with its first column. */
function segmentsOf(line) {
  const segments = []
  let current
  for (let column = 0; column < line.length; column++) {
    const at = line.getCell(column)
    const characters = at.getChars()
    const style = styleOf(at)
    if (characters.trim() === '') {
      // A segment may contain single spaces; a second space ends it.
      if (current?.text.endsWith(' ')) current = undefined
      else if (current !== undefined) current.text += ' '
      continue
    }

    if (current === undefined || current.style !== style) {
      current = {column, style, text: ''}
      segments.push(current)
    }

    current.text += characters
  }

  return segments.map((segment) => ({...segment, text: segment.text.trimEnd()}))
}

function styleOf(at) {
  const color = at.isFgPalette()
    ? palette[at.getFgColor()]
    : at.isFgRGB()
      ? `#${at.getFgColor().toString(16).padStart(6, '0')}`
      : undefined
  return [
    ...(color === undefined ? [] : [`fill="${color}"`]),
    ...(at.isBold() ? ['font-weight="bold"'] : []),
    ...(at.isDim() ? ['opacity="0.65"'] : []),
    ...(at.isItalic() ? ['font-style="italic"'] : []),
    ...(at.isUnderline() ? ['text-decoration="underline"'] : []),
  ].join(' ')
}

/** The length is set, so that columns line up in any font. */
function textOf({column, style, text}, row) {
  const x = round(margin + column * cell.width)
  const y = round(margin + row * cell.height + fontSize)
  return `<text x="${x}" y="${y}" textLength="${round([...text].length * cell.width)}"${style === '' ? '' : ` ${style}`}>${escape(text)}</text>`
}

const round = (value) => Math.round(value * 10) / 10
const escape = (text) => text.replace(/[<>&]/g, (character) => `&#${character.charCodeAt(0)};`)
