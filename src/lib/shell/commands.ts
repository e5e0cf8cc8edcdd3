import {SqlError} from '../errors.js'
import type {SqlSession} from '../postgres/wire/sql-session.js'
import type {PsqlVariables} from '../sql-text/psql/variables.js'
import {describe, type Shown, without} from './describe.js'
import type {ShellCommand} from './interpreter.js'
import {parsePattern} from './pattern.js'
import type {Display} from './printer.js'

/** What backslash commands can use. */
export interface CommandContext {
  session: SqlSession
  display: Display
  /** Prints a line on stdout. */
  print: (line: string) => void
  /** Prints a line on stderr. */
  remark: (line: string) => void
  show: (table: Shown) => Promise<void>
  variables: PsqlVariables
  /** Describes the connection in one line. */
  conninfo: () => string
}

type CommandRunner = (args: string[], context: CommandContext) => Promise<void> | void

interface Entry {
  usage: string
  help: string
  run: CommandRunner
}

const list =
  (title: string, query: string): CommandRunner =>
  async ([pattern = ''], {session, show}) => {
    const {schema, name} = parsePattern(pattern)
    await show({title, ...(await session.table(query, [schema ?? null, name ?? null]))})
  }

const relations =
  (title: string, ...kinds: string[]): CommandRunner =>
  async ([pattern = ''], {session, show, print}) => {
    const {schema, name} = parsePattern(pattern)
    const all = await session.table('relations', [kinds, schema ?? null, name ?? null, pattern !== ''])
    if (all.rows.length === 0)
      return print(pattern === '' ? 'Did not find any relations.' : `Did not find any relation named "${pattern}".`)
    await show({title, ...(kinds.includes('i') ? all : without(all, 'Table'))})
  }

const describeAll =
  (more: boolean): CommandRunner =>
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

const setExpanded: CommandRunner = ([word], {display, print}) => {
  display.expanded = word === 'auto' ? 'auto' : toggle('x', display.expanded === true, word)
  print(`Expanded display is ${display.expanded === 'auto' ? 'used automatically' : display.expanded ? 'on' : 'off'}.`)
}

const setTiming: CommandRunner = ([word], {display, print}) => {
  display.timing = toggle('timing', display.timing, word)
  print(`Timing is ${display.timing ? 'on' : 'off'}.`)
}

/** Says that a command which only shows something is not one of this shell's. */
function passOver(name: string, {remark}: CommandContext): void {
  remark(`\\${name} is not supported by this shell, and was passed over. \\? lists the commands.`)
}

const pset: CommandRunner = ([name, value], context) => {
  const {display} = context
  if (name === 'null') display.nothing = value ?? ''
  else if (name === 'pager') display.pager = toggle('pset pager', display.pager, value)
  else if (name === 'expanded' || name === 'x') return setExpanded(value === undefined ? [] : [value], context)
  else passOver(`pset ${name ?? ''}`.trim(), context)
}

const listVariables: CommandRunner = (_, {variables, print}) => {
  for (const [name, value] of variables.entries()) print(`${name} = '${value}'`)
}

/** Those that the language of psql takes before they come here. */
const inLanguage: CommandRunner = () => undefined

const commandsByName: Readonly<Record<string, Entry>> = {
  d: {
    usage: '\\d[+] [NAME]',
    help: 'list tables, views and sequences, or describe one',
    run: describeAll(false),
  },
  'd+': {usage: '', help: '', run: describeAll(true)},
  dt: {usage: '\\dt [PATTERN]', help: 'list tables', run: relations('List of relations', 'r', 'p')},
  dv: {usage: '\\dv [PATTERN]', help: 'list views', run: relations('List of relations', 'v')},
  dm: {usage: '\\dm [PATTERN]', help: 'list materialized views', run: relations('List of relations', 'm')},
  di: {usage: '\\di [PATTERN]', help: 'list indexes', run: relations('List of relations', 'i', 'I')},
  ds: {usage: '\\ds [PATTERN]', help: 'list sequences', run: relations('List of relations', 'S')},
  df: {usage: '\\df [PATTERN]', help: 'list functions', run: list('List of functions', 'functions')},
  dn: {usage: '\\dn [PATTERN]', help: 'list schemas', run: list('List of schemas', 'schemas')},
  du: {usage: '\\du [PATTERN]', help: 'list roles', run: list('List of roles', 'roles')},
  l: {usage: '\\l [PATTERN]', help: 'list databases', run: list('List of databases', 'databases')},
  conninfo: {
    usage: '\\conninfo',
    help: 'show the connection',
    run: (_, {conninfo, print}) => print(conninfo()),
  },
  c: {usage: '\\c [DATABASE]', help: 'connect to another database of the server', run: inLanguage},
  x: {usage: '\\x [on|off|auto]', help: 'show each row as a record', run: setExpanded},
  timing: {usage: '\\timing [on|off]', help: 'show the time of each statement', run: setTiming},
  pset: {usage: '\\pset null|pager [VALUE]', help: 'set the text for null; use a pager or not', run: pset},
  set: {usage: '\\set [NAME [VALUE]]', help: 'set a variable, or list them', run: listVariables},
  unset: {usage: '\\unset NAME', help: 'remove a variable', run: inLanguage},
  if: {usage: '\\if, \\elif, \\else, \\endif', help: 'run a part only if a value is true', run: inLanguage},
  i: {usage: '\\i FILE', help: 'run a file', run: inLanguage},
  ir: {usage: '\\ir FILE', help: 'run a file, relative to the current file', run: inLanguage},
  cd: {usage: '\\cd [FOLDER]', help: 'change the folder in which files are searched', run: inLanguage},
  copy: {usage: '\\copy TABLE from FILE', help: 'copy the rows of a file, or of stdin', run: inLanguage},
  echo: {usage: '\\echo, \\qecho, \\warn TEXT', help: 'print a text', run: inLanguage},
  g: {usage: '\\g, \\gx', help: 'run the statement; \\gx shows rows as records', run: inLanguage},
  gset: {usage: '\\gset [PREFIX]', help: 'run the statement, and keep its row in variables', run: inLanguage},
  gexec: {usage: '\\gexec', help: 'run the statement, and then each of its values', run: inLanguage},
  r: {
    usage: '\\r',
    help: 'discard the incomplete statement',
    run: (_, {print}) => print('Query buffer reset (cleared).'),
  },
  h: {
    usage: '\\h',
    help: 'show where SQL commands are documented',
    run: (_, {print}) => print('https://www.postgresql.org/docs/current/sql-commands.html'),
  },
  '?': {usage: '\\?', help: 'show this list', run: (_, {print}) => print(helpText())},
  q: {usage: '\\q', help: 'quit (also exit, quit and Ctrl-D)', run: inLanguage},
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
  help: 'h',
}

/** The names of the backslash commands, for completion. */
export const commandNames: readonly string[] = Object.keys(commandsByName).map((name) => `\\${name}`)

/**
 * Runs a backslash command that the language of psql leaves to the shell.
 * @throws SqlError (`shell_command`), and errors of the server
 */
export async function runCommand(
  command: Exclude<ShellCommand, {kind: 'connect' | 'include' | 'print' | 'quit'}>,
  context: CommandContext,
): Promise<void> {
  switch (command.kind) {
    case 'display': {
      const {name, args, text} = command
      const entry = commandsByName[aliases[name] ?? name]
      if (entry === undefined) return passOver(name, context)
      // In a pattern, double quotes have a meaning.
      return entry.run(/^(d.*|l.*)$/.test(name) ? patterns(text) : args, context)
    }
    case 'wrong':
      throw failure(command.message, command.next)
    case 'unsupported':
      throw command.form
        ? failure(`\\${command.name} is not supported like this.`, command.instead)
        : unknownCommand(command.name)
    case 'encoding':
      throw unknownCommand(command.kind)
  }
}

function patterns(text: string): string[] {
  return text
    .trim()
    .replace(/;+$/, '')
    .split(/\s+(?=(?:[^"]*"[^"]*")*[^"]*$)/)
    .filter((arg) => arg !== '')
}

function unknownCommand(name: string): SqlError {
  return failure(`Unknown command \\${name}.`, '\\? lists the commands.')
}

function helpText(): string {
  const shown = Object.values(commandsByName).filter(({usage}) => usage !== '')
  return shown.map(({usage, help}) => `  ${usage.padEnd(26)}${help}`).join('\n')
}

function failure(message: string, ...next: string[]): SqlError {
  return new SqlError(message, {code: 'shell_command', next})
}
