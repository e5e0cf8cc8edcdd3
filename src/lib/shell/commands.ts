import {SqlError} from '../errors.js'
import type {SqlSession} from '../postgres/wire/sql-session.js'
import {cutArguments} from '../sql-files/psql-line.js'
import {describe, type Shown, without} from './describe.js'
import {parsePattern} from './pattern.js'
import type {Display} from './printer.js'

/** What a backslash command may do. */
export interface CommandContext {
  session: SqlSession
  display: Display
  /** A line on stdout. */
  print: (line: string) => void
  show: (table: Shown) => Promise<void>
  include: (path: string, relative: boolean) => Promise<void>
  /** Ends the shell. */
  quit: () => void
  /** One line on the connection. */
  conninfo: () => string
}

type Command = (args: string[], context: CommandContext) => Promise<void> | void

interface Entry {
  usage: string
  help: string
  run: Command
}

const list =
  (title: string, query: string): Command =>
  async ([pattern = ''], {session, show}) => {
    const {schema, name} = parsePattern(pattern)
    await show({title, ...(await session.table(query, [schema ?? null, name ?? null]))})
  }

const relations =
  (title: string, ...kinds: string[]): Command =>
  async ([pattern = ''], {session, show, print}) => {
    const {schema, name} = parsePattern(pattern)
    const all = await session.table('relations', [kinds, schema ?? null, name ?? null, pattern !== ''])
    if (all.rows.length === 0)
      return print(pattern === '' ? 'Did not find any relations.' : `Did not find any relation named "${pattern}".`)
    await show({title, ...(kinds.includes('i') ? all : without(all, 'Table'))})
  }

const describeAll =
  (more: boolean): Command =>
  async ([pattern = ''], context) => {
    if (pattern === '') return relations('List of relations', 'r', 'p', 'v', 'm', 'f', 'S')([], context)
    const found = await describe(context.session, parsePattern(pattern), more)
    if (found.length === 0) throw failure(`Did not find any relation named "${pattern}".`)
    for (const table of found) await context.show(table)
  }

const toggle = (name: string, now: boolean, word: string | undefined): boolean => {
  if (word === undefined) return !now
  const value = {on: true, true: true, '1': true, off: false, false: false, '0': false}[word]
  if (value === undefined) throw failure(`\\${name} takes on or off.`)
  return value
}

const setExpanded: Command = ([word], {display, print}) => {
  display.expanded = word === 'auto' ? 'auto' : toggle('x', display.expanded === true, word)
  print(`Expanded display is ${display.expanded === 'auto' ? 'used automatically' : display.expanded ? 'on' : 'off'}.`)
}

const setTiming: Command = ([word], {display, print}) => {
  display.timing = toggle('timing', display.timing, word)
  print(`Timing is ${display.timing ? 'on' : 'off'}.`)
}

const pset: Command = ([name, value], context) => {
  const {display} = context
  if (name === 'null') display.nothing = value ?? ''
  else if (name === 'pager') display.pager = toggle('pset pager', display.pager, value)
  else if (name === 'expanded' || name === 'x') return setExpanded(value === undefined ? [] : [value], context)
  else throw failure('\\pset sets null, pager or expanded.')
}

const commands: Readonly<Record<string, Entry>> = {
  d: {
    usage: '\\d[+] [NAME]',
    help: 'tables, views and sequences; with a name what one is made of',
    run: describeAll(false),
  },
  'd+': {usage: '', help: '', run: describeAll(true)},
  dt: {usage: '\\dt [PATTERN]', help: 'tables', run: relations('List of relations', 'r', 'p')},
  dv: {usage: '\\dv [PATTERN]', help: 'views', run: relations('List of relations', 'v')},
  dm: {usage: '\\dm [PATTERN]', help: 'materialized views', run: relations('List of relations', 'm')},
  di: {usage: '\\di [PATTERN]', help: 'indexes', run: relations('List of relations', 'i', 'I')},
  ds: {usage: '\\ds [PATTERN]', help: 'sequences', run: relations('List of relations', 'S')},
  df: {usage: '\\df [PATTERN]', help: 'functions', run: list('List of functions', 'functions')},
  dn: {usage: '\\dn [PATTERN]', help: 'schemas', run: list('List of schemas', 'schemas')},
  du: {usage: '\\du [PATTERN]', help: 'roles', run: list('List of roles', 'roles')},
  l: {usage: '\\l [PATTERN]', help: 'databases', run: list('List of databases', 'databases')},
  conninfo: {
    usage: '\\conninfo',
    help: 'where this session is connected',
    run: (_, {conninfo, print}) => print(conninfo()),
  },
  x: {usage: '\\x [on|off|auto]', help: 'rows as records', run: setExpanded},
  timing: {usage: '\\timing [on|off]', help: 'how long each statement takes', run: setTiming},
  pset: {usage: '\\pset null|pager [VALUE]', help: 'what stands for null; whether a pager is used', run: pset},
  i: {usage: '\\i FILE', help: 'run a file', run: ([path], context) => include(path, false, context)},
  ir: {
    usage: '\\ir FILE',
    help: 'the same, beside the file with this line',
    run: ([path], context) => include(path, true, context),
  },
  echo: {usage: '\\echo TEXT', help: 'print it', run: (args, {print}) => print(args.join(' '))},
  g: {usage: '\\g, \\gx', help: 'run the statement, as ; does; as records', run: () => undefined},
  r: {
    usage: '\\r',
    help: 'forget the statement that is not complete',
    run: (_, {print}) => print('Query buffer reset (cleared).'),
  },
  h: {
    usage: '\\h',
    help: 'where the SQL commands are explained',
    run: (_, {print}) => print('https://www.postgresql.org/docs/current/sql-commands.html'),
  },
  '?': {usage: '\\?', help: 'this list', run: (_, {print}) => print(helpText())},
  q: {usage: '\\q', help: 'leave; so do exit, quit and Ctrl-D', run: (_, {quit}) => quit()},
}

const aliases: Readonly<Record<string, string>> = {
  'l+': 'l',
  list: 'l',
  dg: 'du',
  'dt+': 'dt',
  'dv+': 'dv',
  'di+': 'di',
  'du+': 'du',
  'dn+': 'dn',
  'df+': 'df',
  'dm+': 'dm',
  'ds+': 'ds',
  include: 'i',
  include_relative: 'ir',
  help: 'h',
  quit: 'q',
  gx: 'g',
  reset: 'r',
}

/** The names of the backslash commands, for completion. */
export const commandNames: readonly string[] = Object.keys(commands).map((name) => `\\${name}`)

/**
 * Runs a backslash command.
 * @throws SqlError (`shell_command`), and what the server says
 */
export async function runCommand(line: string, context: CommandContext): Promise<void> {
  const [, name = '', rest = ''] = /^\\(\S*)(.*)$/s.exec(line) ?? []
  const entry = commands[aliases[name] ?? name]
  if (entry === undefined) throw failure(`There is no \\${name} here.`)
  // A pattern's double quotes mean something; elsewhere arguments are cut as psql cuts them.
  const args = /^(d.*|l.*)$/.test(name)
    ? rest
        .trim()
        .replace(/;+$/, '')
        .split(/\s+(?=(?:[^"]*"[^"]*")*[^"]*$)/)
        .filter((arg) => arg !== '')
    : cutArguments(rest)
  if (args === undefined) throw failure('A quote of this line is not closed, or more than one command is on it.')
  await entry.run(name === 'echo' ? args : args.map((arg) => arg.replace(/;+$/, '')), context)
}

async function include(path: string | undefined, relative: boolean, context: CommandContext): Promise<void> {
  if (path === undefined) throw failure('\\i takes the name of a file.')
  await context.include(path, relative)
}

function helpText(): string {
  const shown = Object.values(commands).filter(({usage}) => usage !== '')
  return shown.map(({usage, help}) => `  ${usage.padEnd(26)}${help}`).join('\n')
}

function failure(message: string): SqlError {
  return new SqlError(message, {
    code: 'shell_command',
    next: ['\\? lists what there is; the rest of psql comes with psql.'],
  })
}
