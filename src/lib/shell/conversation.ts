import {sqlState} from '../postgres/connect/failures.js'
import {serverErrorOf} from '../postgres/connect/server-error.js'
import {styleOf} from '../text/style.js'
import {completeInput, type Name, namesOf} from './completion.js'
import {completePath, objectNames, type ObjectNames} from './completion-rules.js'
import {historyFile} from './history-file.js'
import {History} from './history.js'
import type {Interpreter} from './interpreter.js'
import {LineReader} from './line-reader.js'
import {promptText} from './prompt.js'
import type {ShellSession} from './session.js'
import type {Shell} from './shell.js'

export interface ConversationOptions {
  session: ShellSession
  shell: Shell
  env: NodeJS.ProcessEnv
  /** Renders an error for the terminal. */
  renderError: (error: unknown) => string
}

const leaves = /^\s*(exit|quit|\\q(uit)?)\s*;?\s*$/
/** Statements that may change the names for completion. */
const changesNames = /\b(create|alter|drop|set|reset|rollback|import|listen|prepare)\b|\\c/i

/** Runs what the user types until they quit. An error or Ctrl-C ends a statement, but not the shell. */
export async function converse(options: ConversationOptions): Promise<void> {
  await new Conversation(options).run()
}

class Conversation {
  readonly #reader: LineReader
  readonly #history: History
  #interpreter: Interpreter
  /** The lines of the incomplete statement. */
  #typed: string[] = []
  #names: Name[] | undefined
  #objects: ObjectNames = {}
  #running = false
  /** Whether a transaction was lost with its connection, and nothing was typed since. */
  #lostTransaction = false

  constructor(private readonly options: ConversationOptions) {
    const {session, shell, env} = options
    this.#history = new History(historyFile(session.target.name, 'shell', env))
    this.#reader = new LineReader(this.#history, (line, after) => this.#complete(line, after))
    this.#interpreter = shell.interpreter('')
    shell.terminal = {
      secret: (question) => this.#reader.secret(question),
      confirm: async (question) => /^\s*y(es)?\s*$/i.test((await this.#reader.ask(question)) ?? ''),
      offer: (text) => this.#reader.offer(text),
      history: () => this.#history.text(),
    }
    shell.onLost = (transaction) => this.#lost(transaction)
  }

  async run(): Promise<void> {
    const {shell} = this.options
    try {
      while (!shell.ended) {
        const typed = await this.#reader.next(this.#prompt())
        if (typed === 'end' && this.#interpreter.open === 'COPY data') {
          process.stdout.write('\\.\n')
          await this.#take('\\.')
          continue
        }
        if (typed === 'end') {
          process.stdout.write('\n')
          return
        }

        if (typed === 'interrupt') await this.#forget()
        else if (this.#interpreter.open === undefined && leaves.test(typed.line)) return
        else await this.#take(typed.line)
      }
    } finally {
      this.#reader.close()
    }
  }

  async #take(line: string): Promise<void> {
    const isData = this.#interpreter.open === 'COPY data'
    if (!isData) this.#typed.push(line)
    this.#running = true
    const stop = this.#cancelOnInterrupt()
    try {
      if (await this.#connected()) await this.#interpreter.push(Buffer.from(`${line}\n`))
      else await this.#forget()
    } catch (error) {
      process.stderr.write(`${this.#errorText(error)}\n`)
      this.#remember()
      await this.#forget()
    } finally {
      stop()
      this.#running = false
    }

    const {open} = this.#interpreter
    if (open === undefined || (open === 'COPY data' && !isData)) this.#remember()
  }

  #errorText(error: unknown): string {
    const {shell, session, renderError} = this.options
    const text = shell.errorText(error)
    if (text === undefined) return renderError(error)
    const readOnly = session.access === 'read-only' && serverErrorOf(error)?.code === sqlState.readOnlyTransaction
    return readOnly ? `${text}\nTo write: quit, and connect with --write` : text
  }

  /** Reconnects if the connection was lost. Returns false if the line must not run, because it was meant for a lost transaction. */
  async #connected(): Promise<boolean> {
    const {sql} = this.options.shell
    if (sql.state !== 'lost') return true
    await sql.connect()
    const gone = this.#lostTransaction
    this.#lostTransaction = false
    process.stderr.write(
      gone ? 'Connected again. The transaction was rolled back, so this was not run.\n' : 'Connected again.\n',
    )
    return !gone
  }

  #lost(transaction: boolean): void {
    this.#lostTransaction = transaction
    // A running statement reports the error itself.
    if (this.#running) return
    process.stderr.write(
      `\nThe connection was lost${transaction ? ', and the transaction is rolled back' : ''}. The next statement connects again.\n`,
    )
    this.#reader.redraw(this.#prompt())
  }

  async #forget(): Promise<void> {
    this.#typed = []
    await this.#interpreter.reset()
  }

  #remember(): void {
    const text = this.#typed.join('\n')
    if (changesNames.test(text)) this.#names = undefined
    this.#history.add(text)
    this.#typed = []
  }

  #prompt(): string {
    const {
      shell: {sql},
      session,
    } = this.options
    const {
      facts: {database, superuser},
      state,
    } = sql
    return promptText(session, {database, superuser, state, open: this.#interpreter.open}, styleOf('stdout'))
  }

  async #complete(line: string, after: string): Promise<[string[], string]> {
    const {sql, folder} = this.options.shell
    const path = completePath(line, folder)
    if (path !== undefined) return path
    if (this.#names === undefined && (sql.state === 'idle' || sql.state === 'open')) {
      this.#names = namesOf(await sql.table('names'))
      this.#objects = objectNames(await sql.table('objects'))
    }
    return completeInput([...this.#typed, line].join('\n'), after, this.#names ?? [], this.#objects)
  }

  /**
   * The first Ctrl-C cancels the statement on the server; the second closes a connection that does not answer. SIGHUP and
   * SIGTERM, for example when the window is closed, also cancel the statement.
   */
  #cancelOnInterrupt(): () => void {
    const {sql} = this.options.shell
    let asked = false
    const interrupt = (): void => {
      this.options.shell.interrupt()
      if (asked) sql.abandon()
      else void sql.cancel()
      asked = true
    }
    let leaving: Promise<void> | undefined
    // A closing window may send the signal more than once.
    const leave = (signal: NodeJS.Signals): void => {
      leaving ??= sql.cancel().then(() => {
        process.removeAllListeners(signal)
        process.kill(process.pid, signal)
      })
    }
    process.on('SIGINT', interrupt).on('SIGHUP', leave).on('SIGTERM', leave)
    return () => void process.off('SIGINT', interrupt).off('SIGHUP', leave).off('SIGTERM', leave)
  }
}
