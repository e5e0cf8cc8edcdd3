import {ConfigurationError, SqlError} from '../errors.js'
import {type ServerError, serverErrorOf} from '../postgres/connect/server-error.js'
import type {SqlSession} from '../postgres/wire/sql-session.js'
import {firstEncoding} from '../sql-files/first-encoding.js'
import {firstThere, placesOf} from '../sql-files/included.js'
import {openSource} from '../sql-files/source.js'
import {displayPath} from '../sql-files/sql-file.js'
import {decoded} from '../sql-text/encodings.js'
import type {BufferPiece} from '../sql-text/pieces.js'
import type {ConnectTo} from '../sql-text/psql/command.js'
import {ownVariables, sessionVariables} from '../sql-text/psql/own-variables.js'
import {PsqlState} from '../sql-text/psql/state.js'
import {readBoolean} from '../sql-text/psql/variables.js'
import {workingFolder} from '../targets/account.js'
import {showControls} from '../text/controls.js'
import type {Job, ShellJob} from './arguments.js'
import {visible} from './cell.js'
import {changeDatabase} from './change-database.js'
import type {CommandContext, Terminal} from './command-context.js'
import {runCommand} from './commands.js'
import {setOption} from './display-options.js'
import {errorText, type Verbosity} from './error-text.js'
import {Interpreter, type ShellCommand} from './interpreter.js'
import {standardLayout} from './layout-parts.js'
import {lossQuestion, lossyStatement} from './loss-question.js'
import type {Display} from './printer.js'
import {Results} from './results.js'
import type {ShellSession} from './session.js'
import {watch} from './watch.js'

/** The state that the parts of the shell share. */
export class Shell {
  sql!: SqlSession
  readonly display: Display
  /** Set after `\\q`. */
  ended = false
  /** Called when the connection is lost. */
  onLost: (transaction: boolean) => void = () => undefined
  /** What only a terminal has; undefined in a script. */
  terminal: Terminal | undefined
  readonly #files: string[] = []
  /** Ends a `\\watch`. */
  #interruption = new AbortController()
  #results!: Results
  #lastError: {failure: unknown; error: ServerError; statement: string} | undefined
  #state!: PsqlState

  constructor(
    private readonly env: NodeJS.ProcessEnv,
    private readonly access: ShellSession['access'],
    converses: boolean,
  ) {
    const isQuiet = (): boolean => readBoolean(this.#state.variables.get('QUIET') ?? 'off') === true
    this.display = {
      ...standardLayout,
      ...{expanded: converses ? 'auto' : false, pager: converses, timing: false},
      get quiet() {
        return isQuiet()
      },
    }
  }

  /** Must be called once with the connected session, and what psql's arguments ask for. */
  begin(sql: SqlSession, {variables, options, quiet, output}: ShellJob): void {
    this.sql = sql
    const {facts, server} = sql
    const own = ownVariables({...facts, ...server, user: facts.role})
    this.#state = new PsqlState({
      values: {...own, QUIET: quiet ? 'on' : 'off', ...variables},
      cwd: process.cwd(),
      warn: (text) => this.onNotice('WARNING', text),
    })
    for (const [name, value] of options) setOption(this.display, name, value)
    this.#results = new Results(this.display, this.env, sql)
    if (output !== undefined) void this.#results.redirect(output, process.cwd())
  }

  /** The base of paths. */
  get folder(): string {
    return this.#state.cwd
  }

  /** Ends what waits for the next run of `\\watch`. */
  interrupt(): void {
    this.#interruption.abort()
  }

  /** Closes where results go. */
  async end(): Promise<void> {
    await this.#results.redirect(undefined, '')
  }

  /** What psql would write of the error of a statement; undefined for other errors. */
  errorText(failure: unknown): string | undefined {
    const last = this.#lastError
    const error = failure instanceof SqlError ? serverErrorOf(failure) : undefined
    if (error === undefined) return undefined
    // The queries of backslash commands are ours.
    const statement = last !== undefined && last.failure === failure ? last.statement : undefined
    return errorText(error, statement, (this.#state.variables.get('VERBOSITY') ?? 'default') as Verbosity)
  }

  readonly onNotice = (_severity: string, text: string): void => {
    const labeled = text.replace(/^([A-Z]+): (?=\S)/, '$1:  ')
    process.stderr.write(`${labeled.split('\n').map(visible).join('\n')}\n`)
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
      print: (how) => this.#results.printer({...how, folder: this.#state.cwd}),
      onTimed: (milliseconds) => this.display.timing && this.print(`Time: ${milliseconds.toFixed(3)} ms`),
      onError: (failure, statement) => this.#failed(failure, statement),
      report: (text) => void (this.display.quiet || this.print(text)),
      approve: (statement) => this.#approve(statement),
      showColumns: (statement) => this.#showColumns(statement),
      watch: (args, once) => {
        this.#interruption = new AbortController()
        return watch(args, once, this.#interruption.signal)
      },
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
        await this.#goingOn(interpreter, () => interpreter.push(chunk))
        if (interpreter.ended) return
      }
      await this.#goingOn(interpreter, () => interpreter.end())
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

  /** Goes on after errors if the variable `ON_ERROR_STOP` is off, as psql does. */
  async #goingOn(interpreter: Interpreter, step: () => Promise<void>): Promise<void> {
    for (let run = step; ; run = () => interpreter.goOn()) {
      try {
        return await run()
      } catch (error) {
        const goesOn = readBoolean(this.#state.variables.get('ON_ERROR_STOP') ?? 'on') === false
        if (!goesOn || !(error instanceof SqlError || error instanceof ConfigurationError)) throw error
        process.stderr.write(`${this.errorText(error) ?? showControls(error.message)}\n`)
      }
    }
  }

  async #command(command: ShellCommand): Promise<void> {
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
        return runCommand(command, this.#context('query' in command ? command.query : undefined))
    }
  }

  #context(query: BufferPiece | undefined): CommandContext {
    const {sql, display, env, terminal} = this
    const print = (text: string): void => this.print(text)
    return {
      ...{session: sql, display, env, terminal, print, folder: this.#state.cwd},
      variables: this.#state.variables,
      query: query?.bytes.toString('utf8', query.start).trimEnd(),
      report: (text) => void (display.quiet || this.print(text)),
      remark: (text) => void process.stderr.write(`${showControls(text)}\n`),
      show: (table) => this.#results.show(table),
      conninfo: () => this.#conninfo(),
      lastError: () => this.#lastError && errorText(this.#lastError.error, this.#lastError.statement, 'verbose'),
      redirect: (to) => this.#results.redirect(to, this.#state.cwd),
    }
  }

  #failed(failure: unknown, statement: string): void {
    const error = serverErrorOf(failure)
    if (error !== undefined) this.#lastError = {failure, error, statement}
  }

  /** Asks before a statement that loses rows, in a session that writes to a protected target, unless CONFIRM_LOSS is off. */
  async #approve(statement: Buffer): Promise<boolean> {
    const {sql, terminal, access} = this
    if (access !== 'write' || terminal === undefined) return true
    if (readBoolean(this.#state.variables.get('CONFIRM_LOSS') ?? 'on') === false) return true
    const lossy = lossyStatement(statement.toString(), sql.facts.standardStrings)
    if (lossy === undefined || (await terminal.confirm(await lossQuestion(lossy, sql)))) return true
    process.stderr.write('Not run. To be asked no more: \\\\set CONFIRM_LOSS off\n')
    return false
  }

  async #showColumns(statement: string): Promise<void> {
    const table = await this.sql.describe(statement)
    if (table.rows.length === 0) return this.print('The command has no result, or the result has no columns.')
    await this.#results.show(table)
  }

  /** The text may come from the server, by \\gset. A file gets it unchanged. */
  #echo({to, text, newline}: ShellCommand & {kind: 'print'}): void {
    if (to === 'results' && this.#results.isRedirected) return this.#results.write(`${text}${newline ? '\n' : ''}`)
    const stream = to === 'errors' ? process.stderr : process.stdout
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
