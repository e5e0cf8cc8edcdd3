import {ConfigurationError} from '../errors.js'
import type {SqlSession} from '../postgres/wire/sql-session.js'
import {firstEncoding} from '../sql-files/first-encoding.js'
import {firstThere, placesOf} from '../sql-files/included.js'
import {openSource} from '../sql-files/source.js'
import {displayPath} from '../sql-files/sql-file.js'
import {decoded} from '../sql-text/encodings.js'
import type {ConnectTo} from '../sql-text/psql/command.js'
import {ownVariables, sessionVariables} from '../sql-text/psql/own-variables.js'
import {PsqlState} from '../sql-text/psql/state.js'
import {workingFolder} from '../targets/account.js'
import {showControls} from '../text/controls.js'
import type {Job} from './arguments.js'
import {visible} from './cell.js'
import {changeDatabase} from './change-database.js'
import {runCommand} from './commands.js'
import type {Shown} from './describe.js'
import {Interpreter, type ShellCommand} from './interpreter.js'
import type {ShellSession} from './session.js'
import {type Display, Printer, type ScreenSize} from './printer.js'

/** The state that the parts of the shell share. */
export class Shell {
  sql!: SqlSession
  readonly display: Display
  /** Set after `\\q`. */
  ended = false
  /** Called when the connection is lost. */
  onLost: (transaction: boolean) => void = () => undefined
  readonly #files: string[] = []
  #state!: PsqlState

  constructor(
    private readonly env: NodeJS.ProcessEnv,
    private readonly access: ShellSession['access'],
    converses: boolean,
  ) {
    this.display = {expanded: converses ? 'auto' : false, nothing: '', pager: converses, timing: false}
  }

  /** Must be called once with the connected session, and psql's variables from the arguments. */
  begin(sql: SqlSession, variables: Readonly<Record<string, string>>): void {
    this.sql = sql
    const {facts, server} = sql
    const own = ownVariables({...facts, ...server, user: facts.role})
    this.#state = new PsqlState({
      values: {...own, ...variables},
      cwd: process.cwd(),
      warn: (text) => this.onNotice('WARNING', text),
    })
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
  interpreter(name: string, encoding?: string): Interpreter {
    const interpreter: Interpreter = new Interpreter({
      session: this.sql,
      name,
      encoding,
      state: this.#state,
      print: (how) => this.#printer(how),
      onTimed: (milliseconds) => this.display.timing && this.print(`Time: ${milliseconds.toFixed(3)} ms`),
      copyFile: (statement, path) => this.#copy(statement, path, interpreter),
      command: (command) => this.#command(command),
    })
    return interpreter
  }

  print(line: string): void {
    process.stdout.write(`${showControls(line)}\n`)
  }

  async file(path: string, relative: boolean): Promise<void> {
    const full = this.#find(path, relative)
    if (full === undefined) throw fileProblem('file_missing', `${path} does not exist.`, path)
    if (this.#files.includes(full)) throw fileProblem('include_cycle', `${path} includes itself.`, path)
    const encoding = firstEncoding(this.sql.wantedEncoding)
    const interpreter = this.interpreter(full === '-' ? 'stdin' : displayPath(full, workingFolder()), encoding)
    this.#files.push(full)
    try {
      for await (const chunk of full === '-' ? (process.stdin as AsyncIterable<Buffer>) : openSource(full).chunks) {
        await interpreter.push(chunk)
        if (interpreter.ended) return
      }
      await interpreter.end()
    } catch (error) {
      await interpreter.reset('the file has failed')
      throw error
    } finally {
      this.#files.pop()
    }
  }

  /** Copies the rows of a file into a table. */
  async #copy(statement: string, path: string, interpreter: Interpreter): Promise<void> {
    const full = this.#find(path, false)
    if (full === undefined) throw fileProblem('file_missing', `${path} does not exist.`, path)
    await interpreter.copy(statement, decoded(openSource(full).chunks, firstEncoding(this.sql.wantedEncoding)))
  }

  #find(path: string, relative: boolean): string | undefined {
    const from = this.#files.at(-1)
    if (path === '-') return path
    return firstThere(placesOf({path, relative: relative && from !== undefined}, from ?? '', this.#state.cwd))
  }

  #printer(
    {expanded = this.display.expanded}: {expanded?: boolean | 'auto'} = {},
    texts?: Pick<Shown, 'title' | 'footer'>,
  ): Printer {
    const events = {onFlow: (open: boolean) => this.sql.flow(open), onClosed: () => void this.sql.cancel()}
    return new Printer({...this.display, expanded}, this.#screen(), this.env, events, texts)
  }

  #screen(): ScreenSize | undefined {
    const {isTTY, columns, rows} = process.stdout
    return isTTY ? {columns, rows} : undefined
  }

  async #command(command: ShellCommand): Promise<void> {
    const {sql, display} = this
    switch (command.kind) {
      case 'include':
        return this.file(command.path, command.relative)
      case 'print':
        return this.#echo(command)
      case 'connect':
        return this.#connect(command.to)
      case 'quit':
        this.ended = this.#files.length === 0
        return
      default:
        return runCommand(command, {
          session: sql,
          display,
          variables: this.#state.variables,
          print: (text) => this.print(text),
          remark: (text) => void process.stderr.write(`${showControls(text)}\n`),
          show: (table) => this.#show(table),
          conninfo: () => this.#conninfo(),
        })
    }
  }

  /** The text may come from the server, by \\gset. A file gets it unchanged. */
  #echo({to, text, newline}: ShellCommand & {kind: 'print'}): void {
    const stream = to === 'output' ? process.stdout : process.stderr
    stream.write(`${stream.isTTY ? showControls(text) : text}${newline ? '\n' : ''}`)
  }

  async #connect(to: ConnectTo): Promise<void> {
    const {sql} = this
    await changeDatabase(sql, to, this.access)
    const {facts, server} = sql
    for (const [name, value] of Object.entries(ownVariables({...facts, ...server, user: facts.role})))
      if (sessionVariables.includes(name)) this.#state.variables.set(name, value)
    this.print(`You are now connected to database "${visible(facts.database)}" as user "${visible(facts.role)}".`)
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
