import {showControls} from '../text/controls.js'
import {formatCount} from '../text/format.js'
import type {Style} from '../text/style.js'
import type {DiffLine, SchemaDifference} from './compare.js'
import type {SchemaDiffResult} from './schema-diff.js'

/** So many equal lines are shown around those that differ. */
const contextLines = 2

/** Renders a comparison of two schemas, for people. */
export function renderDiff({a, b, differences, skipped}: SchemaDiffResult, style: Style): string {
  const names = {a: showControls(a), b: showControls(b)}
  const blocks = differences.map((difference) => renderDifference(difference, names, style))
  const notCompared = skipped.map(
    ({file, line, statement, reason}) =>
      `${style.yellow('not compared')}: ${showControls(`${file}:${line}: ${statement}`)}\n  ${showControls(reason)}`,
  )
  return [...blocks, ...notCompared].join('\n')
}

/** One sentence on how two schemas differ. */
export function summaryOf({a, b, differences, skipped}: SchemaDiffResult): string {
  const left = skipped.length === 0 ? '' : ` ${formatCount(skipped.length, 'statement')} could not be compared.`
  if (differences.length === 0)
    return skipped.length === 0 ? `${a} and ${b} have the same schema.` : `No difference was found.${left}`
  const parts = [
    [count(differences, 'a'), `only in ${a}`],
    [count(differences, 'b'), `only in ${b}`],
    [count(differences, 'both'), 'not the same in both'],
  ] as const
  const shown = parts.filter(([number]) => number > 0).map(([number, where]) => `${number} ${where}`)
  return `${formatCount(differences.length, 'difference')}: ${shown.join(', ')}.${left}`
}

const count = (differences: readonly SchemaDifference[], where: SchemaDifference['in']): number =>
  differences.filter((difference) => difference.in === where).length

function renderDifference(difference: SchemaDifference, names: Record<'a' | 'b', string>, style: Style): string {
  const object = showControls(difference.object)
  if (difference.in === 'a') return `${style.red('-')} only in ${names.a}: ${object}`
  if (difference.in === 'b') return `${style.green('+')} only in ${names.b}: ${object}`
  if (difference.orderOnly) return `${style.yellow('~')} ${object}: the same lines in another order`
  const lines = shownLines(difference.lines).map((line) => renderLine(line, style))
  return [`${style.yellow('~')} ${object}: - ${names.a}, + ${names.b}`, ...lines].join('\n')
}

function renderLine(line: DiffLine | undefined, style: Style): string {
  if (line === undefined) return style.dim('    …')
  const text = showControls(line.text)
  if (line.in === 'a') return style.red(`  - ${text}`)
  return line.in === 'b' ? style.green(`  + ${text}`) : style.dim(`    ${text}`)
}

/** The lines that differ, with those around them; undefined for each gap. */
function shownLines(lines: readonly DiffLine[]): (DiffLine | undefined)[] {
  const near = (index: number): boolean =>
    lines.slice(Math.max(0, index - contextLines), index + contextLines + 1).some((line) => line.in !== 'both')
  const shown: (DiffLine | undefined)[] = []
  for (const [index, line] of lines.entries()) {
    if (near(index)) shown.push(line)
    else if (shown.length > 0 && shown.at(-1) !== undefined) shown.push(undefined)
  }
  return shown.at(-1) === undefined ? shown.slice(0, -1) : shown
}
