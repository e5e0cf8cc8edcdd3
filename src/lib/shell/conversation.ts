import {styleOf} from '../text/style.js'
import {complete, type Name, namesOf} from './completion.js'
import {historyFile} from './history-file.js'
import {History} from './history.js'
import type {Interpreter} from './interpreter.js'
import {LineReader} from './line-reader.js'
import {promptText} from './prompt.js'
import type {Session} from './session.js'
import type {Shell} from './shell.js'

/** What {@link converse} takes. */
export interface ConversationOptions {
  session: Session
  shell: Shell
  env: NodeJS.ProcessEnv
  /** An error as the terminal shows it. */
  renderError: (error: unknown) => string
}

const leaves = /^\s*(exit|quit|\\q(uit)?)\s*;?\s*$/
/** What may change the names that are completed. */
const changesNames = /\b(create|alter|drop|set|reset|rollback|import)\b/i

/** Statements that a person types, until he leaves: an error ends a statement, Ctrl-C too, neither ends the shell. */
export async function converse(options: ConversationOptions): Promise<void> {
  await new Conversation(options).run()
}

class Conversation {
  readonly #reader: LineReader
  readonly #history: History
  #interpreter: Interpreter
  /** The lines of the statement that is being typed. */
  #typed: string[] = []
  #joins = true
  #names: Name[] | undefined
  #running = false
  /** A transaction was lost with its connection, and the user has not gone on since. */
  #lostTransaction = false

  constructor(private readonly options: ConversationOptions) {
    const {session, shell, env} = options
    this.#history = new History(historyFile(session.target.name, 'shell', env))
    this.#reader = new LineReader(this.#history, (line, after) => this.#complete(line, after))
    this.#interpreter = shell.interpreter('')
    shell.onLost = (transaction) => this.#lost(transaction)
  }

  async run(): Promise<void> {
    const {shell} = this.options
    try {
      while (!shell.ended) {
        const typed = await this.#reader.next(this.#prompt())
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
      process.stderr.write(`${this.options.renderError(error)}\n`)
      this.#remember()
      await this.#forget()
    } finally {
      stop()
      this.#running = false
    }

    const {open} = this.#interpreter
    if (open === undefined || (open === 'COPY data' && !isData)) this.#remember()
    else if (open !== 'statement' && open !== 'parenthesis') this.#joins = false
  }

  /** Connects again where the connection was lost; false where the line may not be run: it was meant for a transaction. */
  async #connected(): Promise<boolean> {
    const {sql} = this.options.shell
    if (sql.state !== 'lost') return true
    await sql.connect()
    const gone = this.#lostTransaction
    this.#lostTransaction = false
    process.stderr.write(
      gone ? 'Connected again. The open transaction is gone, so this was not run.\n' : 'Connected again.\n',
    )
    return !gone
  }

  #lost(transaction: boolean): void {
    this.#lostTransaction = transaction
    // The statement that is running says so itself.
    if (this.#running) return
    process.stderr.write(
      `\nThe connection was lost${transaction ? ', and the open transaction with it' : ''}. The next statement connects again.\n`,
    )
    this.#reader.redraw(this.#prompt())
  }

  async #forget(): Promise<void> {
    this.#typed = []
    this.#joins = true
    await this.#interpreter.reset()
  }

  #remember(): void {
    const text = this.#typed.join('\n')
    if (changesNames.test(text)) this.#names = undefined
    this.#history.add(this.#typed, this.#joins && !text.includes('--'))
    this.#typed = []
    this.#joins = true
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
    const {sql} = this.options.shell
    if (this.#names === undefined && (sql.state === 'idle' || sql.state === 'open'))
      this.#names = namesOf(await sql.table('names'))
    return complete([...this.#typed, line].join('\n'), after, this.#names ?? [])
  }

  /**
   * The first Ctrl-C asks the server to stop; the second gives up a connection that does not answer. What ends the shell,
   * closing its window say, stops the statement too.
   */
  #cancelOnInterrupt(): () => void {
    const {sql} = this.options.shell
    let asked = false
    const interrupt = (): void => {
      if (asked) sql.abandon()
      else void sql.cancel()
      asked = true
    }
    let leaving: Promise<void> | undefined
    // A window that is closed says so more than once.
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
