// Prints the command reference as Markdown, from oclif.manifest.json; with --write puts it into README.md.
import {readFileSync, writeFileSync} from 'node:fs'

const root = new URL('..', import.meta.url)
const {commands} = JSON.parse(readFileSync(new URL('oclif.manifest.json', root), 'utf8'))
const fill = (text, id) => text.replaceAll('<%= config.bin %>', 'cruddur-db').replaceAll('<%= command.id %>', id)

function flagRow({name, type, helpValue, description}) {
  const value = type === 'boolean' ? '' : ` ${helpValue ?? `<${name}>`}`
  // A bar would end the table's cell.
  const cell = (text) => text.replaceAll('|', '\\|')
  return `| \`--${name}${cell(value)}\` | ${cell(description)} |`
}

function section(command) {
  const {id, summary, description, args, flags, examples} = command
  const names = Object.values(args).map(({name}) => ` [${name}]`).join('')
  const usage = command.usage === undefined ? id + names : fill(command.usage, id).toLowerCase()
  const rows = Object.values(flags).filter(({name}) => name !== 'json').map(flagRow)
  return [
    `### \`${usage}\``,
    [summary, description].filter(Boolean).join(' '),
    ...(rows.length > 0 ? [['| flag | |', '| --- | --- |', ...rows].join('\n')] : []),
    ['```sh', ...examples.map((example) => fill(example, id)), '```'].join('\n'),
  ].join('\n\n')
}

const sections = Object.keys(commands).sort().map((id) => section(commands[id]))
const reference = `<!-- commands: npm run docs:reference -->\n\n${sections.join('\n\n')}\n\n<!-- /commands -->`

if (process.argv.includes('--write')) {
  const readme = new URL('README.md', root)
  const text = readFileSync(readme, 'utf8')
  writeFileSync(readme, text.replace(/<!-- commands:.*<!-- \/commands -->/s, () => reference))
} else process.stdout.write(`${reference}\n`)
