// Prints the command reference as Markdown, made from oclif.manifest.json; with --write it updates docs/commands.md.
import {readFileSync, writeFileSync} from 'node:fs'
import {describeCommands, groupCommands} from '../dist/lib/cli/surface.js'

const root = new URL('..', import.meta.url)
const {commands} = JSON.parse(readFileSync(new URL('oclif.manifest.json', root), 'utf8'))

function flagRow({name, value, description}) {
  // In Markdown, a vertical bar ends a table cell.
  const cell = (text) => text.replaceAll('|', '\\|')
  return `| \`--${name}${value === null ? '' : ` ${cell(value)}`}\` | ${cell(description)} |`
}

function section({usage, summary, description, flags, examples}) {
  const rows = flags.filter(({name}) => name !== 'json').map(flagRow)
  return [
    `### \`${usage}\``,
    [summary, description].filter(Boolean).join(' '),
    ...(rows.length > 0 ? [['| flag | |', '| --- | --- |', ...rows].join('\n')] : []),
    ['```sh', ...examples, '```'].join('\n'),
  ].join('\n\n')
}

const sections = groupCommands(describeCommands(Object.values(commands))).flatMap(({heading, commands: grouped}) => [
  `## ${heading}`,
  ...grouped.map(section),
])
const reference = `<!-- commands: npm run docs:reference -->\n\n${sections.join('\n\n')}\n\n<!-- /commands -->`

if (process.argv.includes('--write')) {
  const page = new URL('docs/commands.md', root)
  const text = readFileSync(page, 'utf8')
  writeFileSync(
    page,
    text.replace(/<!-- commands:.*<!-- \/commands -->/s, () => reference),
  )
} else process.stdout.write(`${reference}\n`)
