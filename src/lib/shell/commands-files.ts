import {spawnSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {writeFile} from 'node:fs/promises'
import {resolve} from 'node:path'
import {withPrivateFolder} from '../access/private-folder.js'
import {errorCode} from '../errors.js'
import {withHome} from '../sql-text/psql/home.js'
import type {CommandContext, CommandRunner, Entry} from './command-context.js'
import {commandFailure} from './failures.js'
import {openOutput} from './output.js'

const nothingToDo = {onFlow: () => undefined, onClosed: () => undefined}

/** A file, or `|` and a program with the rest of the line. */
function destinationOf(file: string | undefined, line: string): string | undefined {
  return /^\s*\|/.test(line) ? line.trim() : file && withHome(file)
}

/** `\o`: results go there until the next one. */
const redirect: CommandRunner = ([file], {redirect: change}, {text}) => change(destinationOf(file, text))

/** `\w`: writes the incomplete statement, or the last one. */
const writeQuery: CommandRunner = async ([file], context, {text}) => {
  const to = destinationOf(file, text)
  if (to === undefined) throw commandFailure('\\w needs a file.')
  const output = openOutput(to, context.env, context.folder, nothingToDo)
  output.write(context.query === undefined ? '' : `${context.query}\n`)
  await output.end()
}

/** `\s`: shows the history, or writes it to a file. */
const history: CommandRunner = async ([to], {terminal, print, folder}) => {
  const text = onTerminal(terminal, 's').history()
  if (to === undefined) return print(text.replace(/\n$/, ''))
  await writeFile(resolve(folder, withHome(to)), text, {mode: 0o600}).catch((error: unknown) => {
    throw commandFailure(`${to} cannot be written (${errorCode(error) ?? 'unknown'}).`)
  })
}

/** `\e`: the statement, or a file, in the editor; what comes back is in the next line. */
const edit: CommandRunner = async (_, context, {text}) => {
  const terminal = onTerminal(context.terminal, 'e')
  const path = text.trim().replace(/\s+\d+$/, '')
  if (path !== '') return terminal.offer(edited(resolve(context.folder, withHome(path)), context))
  await withPrivateFolder(async (put) => {
    const own = await put('statement.sql', context.query === undefined ? '' : `${context.query}\n`)
    terminal.offer(edited(own, context))
  })
}

function edited(path: string, {env}: CommandContext): string {
  const editor =
    env['PSQL_EDITOR'] ?? env['EDITOR'] ?? env['VISUAL'] ?? (process.platform === 'win32' ? 'notepad' : 'vi')
  const quoted = process.platform === 'win32' ? `"${path}"` : `'${path.replaceAll("'", `'\\''`)}'`
  const {status} = spawnSync(`${editor} ${quoted}`, {shell: true, stdio: 'inherit', env})
  if (status !== 0) throw commandFailure(`The editor ${editor} did not start, or failed.`, 'Set PSQL_EDITOR or EDITOR.')
  return readFileSync(path, 'utf8').trimEnd()
}

/** `\!`: a command of the system, or a shell. */
const system: CommandRunner = (_, {env, folder, print}, {text}) => {
  const command = text.trim()
  const own = process.platform === 'win32' ? env['COMSPEC'] : env['SHELL']
  const {status, error} = spawnSync(command === '' ? (own ?? '/bin/sh') : command, {
    ...{shell: command !== '', stdio: 'inherit', cwd: folder, env},
  })
  if (error !== undefined) throw commandFailure(`It did not start (${errorCode(error) ?? 'unknown'}).`)
  if (status !== 0) print(`\\!: exit code ${status ?? 'unknown'}`)
}

function onTerminal<T>(terminal: T | undefined, name: string): T {
  if (terminal === undefined) throw commandFailure(`\\${name} needs a terminal.`)
  return terminal
}

/** The commands that read and write files, or run programs. */
export const fileCommands: Readonly<Record<string, Entry>> = {
  o: {usage: '\\o [FILE or |COMMAND]', help: 'send results there, or to the screen again', run: redirect},
  w: {usage: '\\w FILE or |COMMAND', help: 'write the statement there', run: writeQuery},
  s: {usage: '\\s [FILE]', help: 'show what was typed, or write it to a file', run: history},
  e: {usage: '\\e [FILE]', help: 'edit the statement, or a file, in EDITOR', run: edit},
  '!': {usage: '\\! [COMMAND]', help: 'run a command of the system', run: system},
}
