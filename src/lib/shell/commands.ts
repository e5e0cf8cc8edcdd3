import type {SqlError} from '../errors.js'
import type {CommandContext, CommandRunner, Entry, RunCommand} from './command-context.js'
import {fileCommands} from './commands-files.js'
import {listCommands, relationsCommand} from './commands-list.js'
import {isOption, listOptions, readSwitch, setOption} from './display-options.js'
import {commandFailure} from './failures.js'
import type {ShellCommand} from './interpreter.js'
import {changePassword} from './password.js'

/** Those that the language of psql takes before they come here. */
const inLanguage: CommandRunner = () => undefined

const option =
  (name: string): CommandRunner =>
  ([value], {display, report}) =>
    report(setOption(display, name, value))

const align: CommandRunner = (_, {display, report}) =>
  report(setOption(display, 'format', display.format === 'aligned' ? 'unaligned' : 'aligned'))

const setTiming: CommandRunner = ([word], {display, report}) => {
  display.timing = readSwitch('timing', display.timing, word)
  report(`Timing is ${display.timing ? 'on' : 'off'}.`)
}

const pset: CommandRunner = ([name, value], {display, print, report, remark}) => {
  if (name === undefined) print(listOptions(display))
  else if (!isOption(name)) remark(`\\pset ${name} is not supported by this shell, and was passed over.`)
  else report(setOption(display, name, value))
}

const listVariables: CommandRunner = (_, {variables, print}) => {
  for (const [name, value] of variables.entries()) print(`${name} = '${value}'`)
}

const documentation = 'https://www.postgresql.org/docs/current/sql'
const sqlHelp: CommandRunner = (_, {print}, {text}) => {
  const words = text
    .trim()
    .replace(/;$/, '')
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  print(words.length === 0 ? `${documentation}-commands.html` : `${documentation}-${words.join('')}.html`)
}

const lastError: CommandRunner = (_, {lastError: last, remark}) => remark(last() ?? 'There is no previous error.')

const showQuery: CommandRunner = (_, {query, print}) => print(query ?? 'Query buffer is empty.')

const commandsByName: Readonly<Record<string, Entry>> = {
  ...listCommands,
  conninfo: {usage: '\\conninfo', help: 'show the connection', run: (_, {conninfo, print}) => print(conninfo())},
  c: {usage: '\\c [DATABASE]', help: 'connect to another database of the server', run: inLanguage},
  password: {usage: '\\password [ROLE]', help: 'change a password, which is not shown', run: changePassword},
  x: {usage: '\\x [on|off|auto]', help: 'show each row as a record', run: option('expanded')},
  t: {usage: '\\t [on|off]', help: 'show only rows', run: option('tuples_only')},
  a: {usage: '\\a', help: 'align columns, or not', run: align},
  f: {usage: '\\f [TEXT]', help: 'set what is between fields that are not aligned', run: option('fieldsep')},
  C: {usage: '\\C [TEXT]', help: 'set a title above tables', run: option('title')},
  pset: {usage: '\\pset [NAME [VALUE]]', help: 'set how results are shown: format, border, null …', run: pset},
  timing: {usage: '\\timing [on|off]', help: 'show the time of each statement', run: setTiming},
  set: {usage: '\\set [NAME [VALUE]]', help: 'set a variable, or list them', run: listVariables},
  unset: {usage: '\\unset NAME', help: 'remove a variable', run: inLanguage},
  if: {usage: '\\if, \\elif, \\else, \\endif', help: 'run a part only if a value is true', run: inLanguage},
  i: {usage: '\\i FILE', help: 'run a file', run: inLanguage},
  ir: {usage: '\\ir FILE', help: 'run a file, relative to the current file', run: inLanguage},
  cd: {usage: '\\cd [FOLDER]', help: 'change the folder in which files are searched', run: inLanguage},
  copy: {usage: '\\copy TABLE from|to FILE', help: 'copy rows from a file, or to one', run: inLanguage},
  ...fileCommands,
  echo: {usage: '\\echo, \\qecho, \\warn TEXT', help: 'print a text', run: inLanguage},
  g: {usage: '\\g, \\gx [FILE or |COMMAND]', help: 'run the statement; \\gx shows rows as records', run: inLanguage},
  gdesc: {usage: '\\gdesc', help: 'show the columns of the statement, which is not run', run: inLanguage},
  gset: {usage: '\\gset [PREFIX]', help: 'run the statement, and keep its row in variables', run: inLanguage},
  gexec: {usage: '\\gexec', help: 'run the statement, and then each of its values', run: inLanguage},
  watch: {usage: '\\watch [SECONDS]', help: 'run the statement again and again, until Ctrl-C', run: inLanguage},
  p: {usage: '\\p', help: 'show the statement', run: showQuery},
  r: {
    usage: '\\r',
    help: 'discard the incomplete statement',
    run: (_, {report}) => report('Query buffer reset (cleared).'),
  },
  errverbose: {usage: '\\errverbose', help: 'show all of the last error', run: lastError},
  h: {usage: '\\h [COMMAND]', help: 'show where an SQL command is documented', run: sqlHelp},
  '?': {usage: '\\?', help: 'show this list', run: (_, {print}) => print(helpText())},
  q: {usage: '\\q', help: 'quit (also exit, quit and Ctrl-D)', run: inLanguage},
}

const aliases: Readonly<Record<string, string>> = {
  ...{list: 'l', dg: 'du', z: 'dp', help: 'h', out: 'o', write: 'w', edit: 'e', print: 'p'},
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
    case 'display':
    case 'unsupported': {
      const found = commandOf(command.name, command.text)
      if ('form' in command) throw commandFailure(`\\${command.name} is not supported like this.`, command.instead)
      if (found === undefined && command.kind === 'unsupported') throw unknown(command.name)
      // It would only show something.
      if (found === undefined)
        return context.remark(
          `\\${command.name} is not supported by this shell, and was passed over. \\? lists the commands.`,
        )
      const {run, ...rest} = found
      // In a pattern, double quotes have a meaning.
      return run(/^[dl]/.test(rest.name) ? patterns(command.text) : argumentsOf(command, rest), context, rest)
    }
    case 'wrong':
      throw commandFailure(command.message, command.next)
    case 'encoding':
      throw unknown(command.kind)
  }
}

function unknown(name: string): SqlError {
  return commandFailure(`invalid command \\${name}`, '\\? lists the commands.')
}

/** Finds a command by its name, which may end with S and +. */
function commandOf(written: string, text: string): (RunCommand & {run: CommandRunner}) | undefined {
  const [, base = '', flags = ''] = /^(.*?)([S+]*)$/.exec(written.replace(/;+$/, '')) ?? []
  const name = aliases[base] ?? base
  const entry = Object.hasOwn(commandsByName, name) ? commandsByName[name] : undefined
  const run = entry?.run ?? relationsCommand(name)
  const takesFlags = /^(d|l$|s[fv]$)/.test(name)
  if (run === undefined || (flags !== '' && !takesFlags)) return undefined
  return {name, more: flags.includes('+'), system: flags.includes('S'), text, run}
}

function argumentsOf({args}: {args: string[]}, {name, text}: RunCommand): string[] {
  return /^s[fv]$/.test(name) ? [text.trim().replace(/;+$/, '')] : args
}

function patterns(text: string): string[] {
  return text
    .trim()
    .replace(/;+$/, '')
    .split(/\s+(?=(?:[^"]*"[^"]*")*[^"]*$)/)
    .filter((arg) => arg !== '')
}

function helpText(): string {
  return Object.values(commandsByName)
    .map(({usage, help}) => `  ${usage.padEnd(28)}${help}`)
    .join('\n')
}
