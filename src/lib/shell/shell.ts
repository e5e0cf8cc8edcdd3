import {existsSync} from 'node:fs'
import {dirname, resolve} from 'node:path'
import {ConfigurationError} from '../errors.js'
import type {SqlSession} from '../postgres/wire/sql-session.js'
import {openSource} from '../sql-files/source.js'
import {displayPath} from '../sql-files/sql-file.js'
import type {Job} from './arguments.js'
import {visible} from './cell.js'
import {runCommand} from './commands.js'
import type {Shown} from './describe.js'
import {Interpreter} from './interpreter.js'
import {type Display, Printer, type Screen} from './printer.js'
import {workingFolder} from '../targets/account.js'

/** The state that the parts of the shell share. */
export class Shell {
  sql!: SqlSession
  readonly display: Display
  /** Set after `\\q`. */
  ended = false
  /** Called when the connection is lost. */
  onLost: (transaction: boolean) => void = () => undefined
  readonly #files: string[] = []

  constructor(
    private readonly env: NodeJS.ProcessEnv,
    converses: boolean,
  ) {
    this.display = {expanded: converses ? 'auto' : false, nothing: '', pager: converses, timing: false}
  }

  readonly onNotice = (_severity: string, text: string): void => {
    process.stderr.write(`${text.split('\n').map(visible).join('\n')}\n`)
  }

  readonly onNotification = ({
    channel,
    payload = '',
    processId,
  }: {
    channel: string
    payload?: string
    processId: number
  }): void => {
    const what = payload === '' ? '' : ` with payload "${visible(payload)}"`
    this.print(
      `Asynchronous notification "${visible(channel)}"${what} received from server process with PID ${processId}.`,
    )
  }

  /** Runs the statements or the file of an argument. */
  async run({kind, text}: Job): Promise<void> {
    if (kind === 'file') return this.file(text, false)
    const interpreter = this.interpreter('-c')
    await interpreter.push(Buffer.from(text))
    await interpreter.end()
  }

  /** Creates an interpreter; `name` is the name of the text for errors. */
  interpreter(name: string): Interpreter {
    return new Interpreter({
      session: this.sql,
      name,
      print: (how) => this.#printer(how),
      onTimed: (milliseconds) => this.display.timing && this.print(`Time: ${milliseconds.toFixed(3)} ms`),
      command: (line) => this.#command(line),
    })
  }

  print(line: string): void {
    process.stdout.write(`${line}\n`)
  }

  async file(path: string, relative: boolean): Promise<void> {
    const beside = this.#files.at(-1)
    const full = path === '-' ? path : resolve(relative && beside !== undefined ? dirname(beside) : '.', path)
    if (full !== '-' && !existsSync(full)) throw fileProblem('file_missing', `${path} does not exist.`, path)
    if (this.#files.includes(full)) throw fileProblem('include_cycle', `${path} includes itself.`, path)
    const interpreter = this.interpreter(full === '-' ? 'stdin' : displayPath(full, workingFolder()))
    this.#files.push(full)
    try {
      for await (const chunk of full === '-' ? (process.stdin as AsyncIterable<Buffer>) : openSource(full).chunks) {
        await interpreter.push(chunk)
        if (this.ended) return
      }
      await interpreter.end()
    } catch (error) {
      await interpreter.reset('the file has failed')
      throw error
    } finally {
      this.#files.pop()
    }
  }

  #printer(
    {expanded = this.display.expanded}: {expanded?: boolean | 'auto'} = {},
    texts?: Pick<Shown, 'title' | 'footer'>,
  ): Printer {
    const events = {onFlow: (open: boolean) => this.sql.flow(open), onClosed: () => void this.sql.cancel()}
    return new Printer({...this.display, expanded}, this.#screen(), this.env, events, texts)
  }

  #screen(): Screen | undefined {
    const {isTTY, columns, rows} = process.stdout
    return isTTY ? {columns, rows} : undefined
  }

  #command(line: string): Promise<void> {
    const {sql, display} = this
    return runCommand(line, {
      session: sql,
      display,
      print: (text) => this.print(text),
      show: (table) => this.#show(table),
      include: (path, relative) => this.file(path, relative),
      quit: () => (this.ended = true),
      conninfo: () => this.#conninfo(),
    })
  }

  async #show({columns, rows, ...texts}: Shown): Promise<void> {
    const printer = this.#printer({}, texts)
    printer.fields(columns)
    for (const row of rows) printer.row(row)
    printer.tag('SELECT')
    await printer.finish()
  }

  #conninfo(): string {
    const {
      facts: {database, role, version, encrypted},
      server: {host, port},
    } = this.sql
    const tls = encrypted === null ? '' : encrypted ? ', over TLS' : ', without TLS'
    return `Connected to database "${visible(database)}" as "${visible(role)}" at ${host}:${port}${tls}. Postgres ${version}.`
  }
}

function fileProblem(code: string, message: string, file: string): ConfigurationError {
  return new ConfigurationError(message, {
    code,
    next: ['Check the path. It is relative to the current folder.'],
    details: {file},
  })
}
