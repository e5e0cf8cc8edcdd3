import {groupCommands} from '../cli/groups.js'
import {type ListedArgument, type ListedCommand, type ListedFlag, type Manifest, versionLine} from '../cli/manifest.js'
import {foldWords, wrapWords} from '../text/wrap-words.js'

export interface HelpStyle {
  /** The width in columns. */
  width: number
  /** Formats a heading. */
  bold: (text: string) => string
}

type HelpRow = [name: string, description: string]

const minColumns = 40
const pipeColumns = 80
const indent = '  '
/** With fewer columns than this on the right, descriptions go below their names. */
const minDescription = 24

/** The width of help on a stream: that of the terminal, or 80 columns in a pipe. */
export function helpWidth({isTTY, columns}: {isTTY?: boolean; columns?: number}): number {
  return isTTY && columns ? Math.max(minColumns, columns) : pipeColumns
}

/** Renders help for the program, a command or a topic. It does not need oclif, so that help starts fast. */
export function renderHelp(manifest: Manifest, id: string | undefined, style: HelpStyle): string {
  const command = id === undefined ? undefined : manifest.commands.get(id)
  if (command !== undefined) return renderCommand(command, manifest, style)
  if (id !== undefined) return renderTopic(id, manifest, style)
  const shown = [...manifest.commands.values()].filter(({hidden}) => !hidden)
  const column = columnOf(shown.map(({id}) => id))
  return sections(style, [
    [undefined, wrapWords(manifest.description, style.width)],
    ['VERSION', [indent + versionLine(manifest)]],
    ['USAGE', [`${indent}$ ${manifest.bin} [COMMAND]`]],
    ...groupCommands(shown).map(({heading, commands}): Section => [
      heading.toUpperCase(),
      rows(commands.map(commandRow), style, column),
    ]),
  ])
}

function renderTopic(name: string, {bin, topics, commands}: Manifest, style: HelpStyle): string {
  const description = topics.find((topic) => topic.name === name)?.description ?? ''
  return sections(style, [
    [undefined, wrapWords(description, style.width)],
    ['USAGE', [`${indent}$ ${bin} ${name}:COMMAND`]],
    [
      'COMMANDS',
      rows(
        [...commands.values()].filter(({id, hidden}) => !hidden && id.startsWith(`${name}:`)).map(commandRow),
        style,
      ),
    ],
  ])
}

function renderCommand(command: ListedCommand, {bin}: Manifest, style: HelpStyle): string {
  const fill = (text: string): string =>
    text.replaceAll('<%= config.bin %>', bin).replaceAll('<%= command.id %>', command.id)
  const flags = Object.values(command.flags).filter(({hidden}) => !hidden)
  const args = Object.values(command.args).filter(({hidden}) => !hidden)
  const flagRows = (group: string | undefined): string[] =>
    rows(
      flags
        .filter(({helpGroup}) => helpGroup === group)
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .map(flagRow),
      style,
    )
  const usages =
    command.usage === undefined
      ? [usageOf(command.id, args, flags)]
      : [command.usage].flat().map((usage) => [fill(usage)])
  const examples = (command.examples ?? []).map((example) =>
    typeof example === 'string' ? example : `${example.description}\n\n${example.command}`,
  )
  return sections(style, [
    [undefined, wrapWords(fill(command.summary ?? ''), style.width)],
    [
      'USAGE',
      usages.flatMap((words) =>
        foldWords([`$ ${bin}`, ...words], style.width - 2 * indent.length).map(
          (line, number) => indent.repeat(number === 0 ? 1 : 2) + line,
        ),
      ),
    ],
    ['ARGUMENTS', rows(args.map(argumentRow), style)],
    ['FLAGS', flagRows(undefined)],
    ...[...new Set(flags.flatMap(({helpGroup = []}) => helpGroup))].map((group): Section => [
      `${group} FLAGS`,
      flagRows(group),
    ]),
    [
      'DESCRIPTION',
      wrapWords(fill(command.description ?? ''), style.width - indent.length).map((line) => indent + line),
    ],
    [
      'EXAMPLES',
      examples.flatMap((example, number) => [...(number > 0 ? [''] : []), ...exampleLines(fill(example), bin, style)]),
    ],
  ])
}

type Section = [heading: string | undefined, lines: string[]]

function sections({bold}: HelpStyle, parts: Section[]): string {
  const shown = parts.filter(([, lines]) => lines.length > 0)
  return (
    shown
      .map(([heading, lines]) => [...(heading === undefined ? [] : [bold(heading)]), ...lines].join('\n'))
      .join('\n\n') + '\n'
  )
}

function commandRow({id, summary, description = ''}: ListedCommand): HelpRow {
  return [id, summary ?? description.split('\n')[0] ?? '']
}

const bracketed = (text: string, required: boolean | undefined): string => (required ? text : `[${text}]`)
const valueOf = ({helpValue, name}: ListedFlag): string => [helpValue ?? `<${name}>`].flat().join(' ')

function usageOf(id: string, args: ListedArgument[], flags: ListedFlag[]): string[] {
  const dots = ({multiple}: ListedFlag): string => (multiple ? '...' : '')
  return [
    id,
    ...args.map(({name, required}) => bracketed(name.toUpperCase(), required)),
    ...flags.map((flag) =>
      bracketed(`--${flag.name}${flag.type === 'boolean' ? '' : ` ${valueOf(flag)}${dots(flag)}`}`, flag.required),
    ),
  ]
}

function argumentRow({name, description = '', required, default: value, options}: ListedArgument): HelpRow {
  return [bracketed(name.toUpperCase(), required), note({required: false, default: value, options}) + description]
}

function flagRow(flag: ListedFlag): HelpRow {
  const {name, char, type, description = '', multiple} = flag
  const word = `${char === undefined ? '' : `-${char}, `}--${flag.allowNo ? '[no-]' : ''}${name}`
  return [
    type === 'boolean' ? word : `${word}=${valueOf(flag)}${multiple ? '...' : ''}`,
    note(type === 'boolean' ? {...flag, default: undefined} : flag) + description,
  ]
}

function note({required, default: value, options}: Pick<ListedFlag, 'required' | 'default' | 'options'>): string {
  const notes = [
    ...(required ? ['required'] : []),
    ...(typeof value === 'string' || typeof value === 'number' ? [`default: ${value}`] : []),
  ]
  const allowed = options === undefined ? '' : `<${options.join('|')}> `
  return notes.map((text) => `[${text}] `).join('') + allowed
}

/** Breaks a long command after a backslash, so that it can be copied. */
function exampleLines(text: string, bin: string, {width}: HelpStyle): string[] {
  return text.split('\n').flatMap((line) => {
    const words = line.match(/(?:'[^']*'|"[^"]*"|[^ ])+/g) ?? []
    const lines = foldWords([...(line.startsWith(bin) ? ['$'] : []), ...words], width - 2 * indent.length - 2)
    return lines.map(
      (part, number) => `${number === 0 ? indent : indent.repeat(2)}${part}${number === lines.length - 1 ? '' : ' \\'}`,
    )
  })
}

function columnOf(names: string[]): number {
  return Math.max(0, ...names.map((name) => name.length)) + 2 * indent.length
}

/** Writes names on the left and descriptions on the right, or below if the terminal is narrow. */
function rows(pairs: HelpRow[], {width}: HelpStyle, column = columnOf(pairs.map(([name]) => name))): string[] {
  const room = width - column
  if (room < minDescription) {
    const below = indent.repeat(3)
    return pairs.flatMap(([name, text]) => [
      indent + name,
      ...wrapWords(text, width - below.length).map((line) => below + line),
    ])
  }

  return pairs.flatMap(([name, text]) => {
    const [first = '', ...rest] = wrapWords(text, room)
    return [(indent + name).padEnd(column) + first, ...rest.map((line) => ' '.repeat(column) + line)].map((line) =>
      line.trimEnd(),
    )
  })
}
