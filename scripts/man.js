// Writes the man page from oclif.manifest.json and the tables of docs/settings.md. `npm run build` puts it into man/.
import {readFileSync} from 'node:fs'
import {describeCommands, groupCommands} from '../dist/lib/cli/surface.js'

const root = new URL('..', import.meta.url)
const read = (path) => readFileSync(new URL(path, root), 'utf8')
const settings = read('docs/settings.md')

/** Converts Markdown to roff: https://man.openbsd.org/roff.7 */
function roff(text) {
  const plain = text.replace(/\[([^\]]+)\]\([^)]+\)/g, '$1').replaceAll('\\|', '|')
  return plain
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/`([^`]+)`/g, '\\fB$1\\fR')
    .replace(/^(?=[.'])/gm, '\\&')
}

/** The lines of a section for which `take` returns true. */
function linesOf(heading, take) {
  const section = settings.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0]
  if (section === undefined) throw new Error(`docs/settings.md has no section "${heading}"`)
  return section.split('\n').filter(take)
}

/** The rows of a section's table, without the heading, as terms and their meanings. */
function table(heading) {
  const [, , ...rows] = linesOf(heading, (line) => line.startsWith('|'))
  return rows.map((row) => row.slice(2, -2).split(/ \| /)).map(([term, ...meaning]) => entry(term, meaning.join(' ')))
}

/** The first paragraph of a section. */
function opening(heading) {
  const text = linesOf(heading, () => true)
    .join('\n')
    .trim()
  return roff(text.split('\n\n')[0])
}

const entry = (term, meaning) => `.TP\n${roff(term)}\n${roff(meaning)}`

function commandSection({usage, summary, description, flags, examples}) {
  return [
    `.SS ${roff(usage)}`,
    roff([summary, description].filter(Boolean).join(' ')),
    ...flags.map(({name, value, description: what}) =>
      entry(`\`--${name}\`${value === null ? '' : ` ${value}`}`, what),
    ),
    '.PP\n.EX',
    ...examples.map(roff),
    '.EE',
  ].join('\n')
}

/** The page in the format of man(7): https://man.openbsd.org/man.7 */
export function manPage() {
  const {version, description} = JSON.parse(read('package.json'))
  const commands = describeCommands(Object.values(JSON.parse(read('oclif.manifest.json')).commands))
  const [title] = description.split(':')
  return [
    `.TH CRUDDUR\\-DB 1 "" "cruddur\\-db ${version}" "User Commands"`,
    `.SH NAME\ncruddur\\-db \\- ${roff(title.charAt(0).toLowerCase() + title.slice(1))}`,
    '.SH SYNOPSIS\n.B cruddur\\-db\n.I command\n[target] [flags]',
    `.SH DESCRIPTION\n${roff(description)}`,
    `.SH TARGETS\n${opening('Targets')}`,
    ...table('Targets'),
    ...groupCommands(commands).flatMap(({heading, commands: grouped}) => [
      `.SH ${heading.toUpperCase()} COMMANDS`,
      ...grouped.map(commandSection),
    ]),
    '.SH ENVIRONMENT',
    ...table('Settings'),
    '.SH EXIT STATUS',
    ...table('Exit codes'),
    '.SH SEE ALSO\n.BR psql (1)',
    '',
  ].join('\n')
}
